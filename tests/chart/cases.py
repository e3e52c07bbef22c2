"""What each set of values of the matrix is there for. A function has the name of its file, with `_` for `-`."""

import chart


def _equal(found, wanted):
    assert found == wanted, f"{found!r} instead of {wanted!r}"


def _kinds(release):
    return sorted({thing["kind"] for thing in release.objects})


def defaults(release):
    _equal(_kinds(release), ["Deployment", "Pod", "Service", "ServiceAccount"])
    _equal(release.one("Deployment")["spec"]["replicas"], 1)
    _equal(release.volume("cache"), {"name": "cache", "emptyDir": {"sizeLimit": "1Gi"}})
    _equal(release.bart()["readinessProbe"]["httpGet"], {"path": "/readyz", "port": "admin"})
    assert "BART_REPOSITORY" not in release.variables() and "BART_DIGEST" not in release.variables()
    assert "Nothing is pinned" in release.notes


def old_release(release):
    _equal(release.bart()["image"], "registry.example.com/you/site:0.2.6")
    _equal(release.variables()["BART_LISTEN"], "0.0.0.0:3000")
    for probe in ("livenessProbe", "readinessProbe"):
        _equal(release.bart()[probe]["httpGet"], {"path": "/", "port": "http"})
        _equal(release.bart()[probe]["timeoutSeconds"], 1)
    ingress = release.one("Ingress")
    _equal(ingress["spec"]["ingressClassName"], "nginx")
    _equal(ingress["spec"]["rules"][0]["host"], "www.example.com")
    _equal(ingress["spec"]["tls"], [{"hosts": ["www.example.com"], "secretName": "www.example.com-tls"}])
    _equal(ingress["metadata"]["annotations"], {"cert-manager.io/cluster-issuer": "letsencrypt"})
    # What the library of the old chart selected by, which an upgrade cannot change.
    selector = {"app.kubernetes.io/name": "bart", "app.kubernetes.io/instance": "site"}
    _equal(release.one("Deployment")["spec"]["selector"]["matchLabels"], selector)
    _equal(release.one("Deployment")["metadata"]["name"], "site-bart")
    _equal(release.service()["spec"]["ports"][0]["port"], 80)


def old_library(release):
    idle = [line for line in release.notes.splitlines() if "those of the old chart" in line]
    assert len(idle) == 1 and "envVars" in idle[0] and "kind" in idle[0], release.notes
    assert "livenessProbe" not in release.bart() and "startupProbe" not in release.bart()
    _equal(release.bart()["readinessProbe"]["tcpSocket"], {"port": "http"})
    assert "imagePullPolicy" not in release.bart()
    _equal(release.pod()["imagePullSecrets"], [{"name": "everybody"}, {"name": "mine"}])
    _equal(release.one("Deployment")["metadata"]["annotations"], {"team": "docs", "owner": "docs"})


def pinned(release):
    _equal(release.bart()["image"], "registry.example.com/you/site@sha256:" + "1" * 64)
    _equal(release.variables()["BART_DIGEST"], "sha256:" + "2" * 64)
    _equal(release.variables()["BART_BUILD_ID"], "1.2.3")
    assert "Nothing is pinned" not in release.notes


def production(release):
    scaler = release.one("HorizontalPodAutoscaler")["spec"]
    _equal((scaler["minReplicas"], scaler["maxReplicas"]), (3, 12))
    _equal(scaler["metrics"][0]["resource"]["target"]["averageUtilization"], 70)
    _equal(release.one("PodDisruptionBudget")["spec"]["maxUnavailable"], 1)
    ingress = release.one("Ingress")["spec"]
    _equal([rule["host"] for rule in ingress["rules"]], ["www.example.com", "example.com"])
    _equal([entry["secretName"] for entry in ingress["tls"]], ["www-certificate", "apex-certificate"])
    monitor = release.one("ServiceMonitor")
    _equal(monitor["metadata"]["labels"]["release"], "prometheus")
    _equal(monitor["spec"]["endpoints"][0]["interval"], "30s")
    _equal(release.one("ConfigMap")["data"]["fileserver.CACHE_CONTROL"], "max-age=3600")
    _equal(release.variables()["BART_RESPONSE_CACHE"], "128MiB")
    _equal(release.variables()["BART_MAX_CONNECTIONS"], "4000")


def preview(release):
    _equal(release.variables()["BART_BUILD_ID"], "topic-0a1b2c3d-1800000000")
    _equal(release.variables()["BART_DIGEST"], "")
    folders = [argument for argument in release.bart()["args"] if argument.startswith("--env-dir=")]
    _equal(folders, [f"--env-dir=/run/bart/{name}" for name in ("site", "site-0", "site-1")])
    _equal(release.volume("site-0")["configMap"], {"name": "all-previews", "optional": True})
    login = release.volume("site-1")["secret"]
    _equal(login["secretName"], "preview-login")
    _equal([item["path"] for item in login["items"]], ["BASIC_AUTH_USERNAME", "BASIC_AUTH_PASSWORD"])


def private_registry(release):
    variables = release.variables()
    _equal(release.volume("registry")["secret"], {"secretName": "bart-login"})
    _equal(variables["BART_REGISTRY_CONFIG"], "/run/bart/registry")
    _equal(variables["BART_CA_FILE"], "/run/bart/authorities/ca.crt")
    _equal(variables["BART_MIRRORS"], "registry.example.com:5000=mirror.example.com:5443/copies,cache.example.com")
    _equal(release.pod()["imagePullSecrets"], [{"name": "node-login"}])
    _equal(_ways_out(release), [443, 5000, 5443])


def insecure_registry(release):
    _equal(release.variables()["BART_INSECURE"], "true")
    _equal(release.variables()["BART_CA_FILE"], "/run/bart/authorities/bundle.pem")
    _equal(release.volume("authorities")["secret"], {"secretName": "company-authorities"})
    _equal(_ways_out(release), [80])


def claim(release):
    made = release.one("PersistentVolumeClaim")
    _equal(release.volume("cache")["persistentVolumeClaim"]["claimName"], made["metadata"]["name"])
    _equal(made["spec"]["storageClassName"], "fast")
    _equal(made["spec"]["resources"]["requests"]["storage"], "5Gi")
    _equal(made["metadata"]["annotations"]["helm.sh/resource-policy"], "keep")


def shared_claims(release):
    _equal(release.one("PersistentVolumeClaim")["spec"]["accessModes"], ["ReadWriteMany"])
    _equal(release.volume("shared-cache")["persistentVolumeClaim"], {"claimName": "all-blobs"})
    _equal(release.variables()["BART_SHARED_CACHE_DIR"], "/shared")


def node_folder(release):
    _equal(release.volume("shared-cache")["hostPath"], {"path": "/var/lib/bart", "type": "Directory"})
    mount = next(mount for mount in release.bart()["volumeMounts"] if mount["name"] == "shared-cache")
    _equal(mount["readOnly"], True)
    assert "refuse such pods" in release.notes


def gateway(release):
    route = release.one("HTTPRoute")["spec"]
    _equal(route["parentRefs"][0]["name"], "public")
    _equal(route["hostnames"], ["www.example.com"])
    _equal(route["rules"][0]["backendRefs"][0]["port"], 8000)
    _equal(route["rules"][0]["matches"], [{"path": {"type": "PathPrefix", "value": "/"}}])
    assert not release.all("Ingress")


def narrow_network(release):
    policy = release.one("NetworkPolicy")["spec"]
    _equal(policy["egress"][-1]["ports"], [{"protocol": "TCP", "port": 3128}])
    _equal(policy["ingress"][1]["from"][0], {"ipBlock": {"cidr": "10.0.0.0/8"}})


def pod_monitor(release):
    monitor = release.one("PodMonitor")
    _equal(monitor["metadata"]["namespace"], "monitoring")
    _equal(monitor["spec"]["namespaceSelector"], {"matchNames": ["web"]})
    _equal(monitor["spec"]["podMetricsEndpoints"][0]["relabelings"], [{"action": "labeldrop", "regex": "pod"}])
    _equal(release.variables()["BART_ADMIN_LISTEN"], "0.0.0.0:9191")


def chosen_users(release):
    security = release.pod()["securityContext"]
    _equal(sorted(security), ["fsGroupChangePolicy", "runAsNonRoot", "seccompProfile"])
    assert not release.all("ServiceAccount")
    _equal(release.pod()["serviceAccountName"], "existing")


def several_replicas(release):
    _equal(release.one("PodDisruptionBudget")["spec"]["minAvailable"], 2)
    assert "maxUnavailable" not in release.one("PodDisruptionBudget")["spec"]
    _equal(release.pod()["terminationGracePeriodSeconds"], 90)


def load_balancer(release):
    service = release.service()
    _equal(service["spec"]["externalTrafficPolicy"], "Local")
    _equal(service["spec"]["loadBalancerSourceRanges"], ["192.0.2.0/24"])
    _equal(service["metadata"]["annotations"], {"example.com/balancer": "fast"})
    assert not release.all("Pod")


def umbrella(release):
    _equal(release.bart()["image"], f"mirror.example.com/you/site:{_site_version()}")
    _equal(release.one("Pod")["spec"]["containers"][0]["image"], "mirror.example.com/busybox:1.37")
    _equal({thing["metadata"]["namespace"] for thing in release.objects}, {"elsewhere"})
    _equal(release.one("ConfigMap")["data"], {"SMALL": "7", "LARGE": "12345678", "TRUTH": "true"})
    _equal(release.one("Deployment")["spec"]["selector"]["matchLabels"]["app.kubernetes.io/name"], "42")
    for thing in release.objects:
        _equal(thing["metadata"]["labels"]["team"], "docs")
        _equal(thing["metadata"]["annotations"]["example.com/owner"], "docs")


def extras(release):
    pod = release.pod()
    _equal([pod[name] for name in ("priorityClassName", "schedulerName", "runtimeClassName")], ["high", "own", "gvisor"])
    _equal([container["name"] for container in pod["containers"]], ["bart", "beside"])
    _equal(pod["initContainers"][0]["name"], "before")
    _equal(pod["tolerations"], [{"key": "arm", "operator": "Exists"}])
    _equal(pod["topologySpreadConstraints"][0]["whenUnsatisfiable"], "DoNotSchedule")
    _equal(pod["hostAliases"][0]["ip"], "192.0.2.1")
    template = release.one("Deployment")["spec"]["template"]["metadata"]
    _equal(template["labels"]["tier"], "web")
    _equal(template["annotations"]["note"], "pod")
    bart = release.bart()
    _equal(bart["args"][-1], "--parallel=4")
    _equal(bart["envFrom"], [{"configMapRef": {"name": "proxies"}}])
    _equal(release.variables()["HTTPS_PROXY"], "http://proxy.example.com:3128")
    _equal(release.variables()["BART_LOG"], "debug")
    _equal(bart["lifecycle"]["preStop"]["httpGet"]["path"], "/livez")


def _site_version():
    """The default of `image.tag`, which each release of the site raises."""
    with chart.helm.Chart.load(chart.CHART) as loaded:
        return loaded.metadata["appVersion"]


def _ways_out(release):
    rules = release.one("NetworkPolicy")["spec"]["egress"][1:]
    return sorted(port["port"] for rule in rules for port in rule["ports"])
