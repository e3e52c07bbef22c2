"""What holds for every set of values. Each function is a rule, and its name the sentence."""

import re

SELECTOR = {"app.kubernetes.io/name", "app.kubernetes.io/instance"}
LOOKS_SECRET = re.compile("PASSWORD|SECRET|TOKEN|CREDENTIAL|PRIVATE_KEY")


def _pods(release):
    """The specification of each pod, by who it is."""
    pods = {"the Deployment's pod": release.pod()}
    for pod in release.all("Pod"):
        pods[f"the pod {pod['metadata']['name']}"] = pod["spec"]
    return pods


def _containers(pod):
    return pod.get("initContainers", []) + pod["containers"]


def _covers(selector, labels):
    return all(labels.get(name) == value for name, value in selector.items())


def every_pod_is_restricted(release):
    """Pod Security, level `restricted`, and a root file system that cannot be written."""
    for who, pod in _pods(release).items():
        security = pod["securityContext"]
        assert security["runAsNonRoot"] is True, f"{who} may run as root"
        assert security.get("runAsUser") != 0, f"{who} runs as root"
        assert security["seccompProfile"]["type"] == "RuntimeDefault", f"{who} has no seccomp profile"
        for field in ("hostNetwork", "hostPID", "hostIPC"):
            assert not pod.get(field), f"{who} has {field}"
        for container in _containers(pod):
            own = container["securityContext"]
            name = f"{container['name']} of {who}"
            assert own["allowPrivilegeEscalation"] is False, f"{name} may gain rights"
            assert own["capabilities"]["drop"] == ["ALL"], f"{name} keeps rights of root"
            assert not own["capabilities"].get("add"), f"{name} has rights of root"
            assert not own.get("privileged"), f"{name} is privileged"
            assert own.get("runAsUser") != 0, f"{name} runs as root"
            for port in container.get("ports", []):
                assert "hostPort" not in port, f"{name} takes a port of the node"
    assert release.bart()["securityContext"]["readOnlyRootFilesystem"] is True
    for pod in release.all("Pod"):
        for container in pod["spec"]["containers"]:
            assert container["securityContext"]["readOnlyRootFilesystem"] is True


def a_folder_of_the_node_is_mounted_only_when_asked(release):
    asked = release.values.get("cache", {}).get("shared", {}).get("hostPath")
    for who, pod in _pods(release).items():
        for volume in pod.get("volumes", []):
            if "hostPath" in volume:
                assert volume["hostPath"] == {"path": asked, "type": "Directory"}, f"{who}: {volume}"
                assert asked, f"{who} has a folder of the node"


def no_pod_has_a_token_of_kubernetes(release):
    for who, pod in _pods(release).items():
        assert pod["automountServiceAccountToken"] is False, who
    for account in release.all("ServiceAccount"):
        assert account["automountServiceAccountToken"] is False


def no_service_becomes_a_variable(release):
    """A Service called `bart-env-x` would set `BART_ENV_X_PORT`, which components would see."""
    for who, pod in _pods(release).items():
        assert pod["enableServiceLinks"] is False, who


def selectors_are_name_and_instance_only(release):
    deployment = release.one("Deployment")["spec"]
    selector = deployment["selector"]["matchLabels"]
    assert set(selector) == SELECTOR, selector
    labels = deployment["template"]["metadata"]["labels"]
    assert _covers(selector, labels), f"{selector} does not select {labels}"
    for service in release.all("Service"):
        assert service["spec"]["selector"] == selector, service["metadata"]["name"]
    for kind, field in (("PodDisruptionBudget", "selector"), ("NetworkPolicy", "podSelector")):
        for thing in release.all(kind):
            assert thing["spec"][field] == {"matchLabels": selector}, kind
    for monitor in release.all("PodMonitor"):
        assert monitor["spec"]["selector"]["matchLabels"] == selector
    for constraint in deployment["template"]["spec"]["topologySpreadConstraints"]:
        if "labelSelector" in constraint:
            assert constraint["labelSelector"]["matchLabels"] == selector


def the_test_pod_gets_no_visitors(release):
    selector = release.service()["spec"]["selector"]
    for pod in release.all("Pod"):
        assert not _covers(selector, pod["metadata"]["labels"]), pod["metadata"]["labels"]
        assert pod["metadata"]["annotations"]["helm.sh/hook"] == "test"


def the_test_pod_asks_the_site_and_whether_it_is_ready(release):
    ports = {service["metadata"]["name"]: service["spec"]["ports"] for service in release.all("Service")}
    for pod in release.all("Pod"):
        asked = {entry["name"]: entry["value"] for entry in pod["spec"]["containers"][0]["env"]}
        assert set(asked) == {"SITE", "READY"}
        for url in asked.values():
            host, port = re.fullmatch(r"http://([^:/]+):(\d+)/.*", url).groups()
            assert int(port) in [entry["port"] for entry in ports[host]], url
        assert asked["READY"].endswith("/readyz")


def probes_ask_ports_that_are_there(release):
    ports = {port["name"] for port in release.bart()["ports"]}
    assert len(ports) == len(release.bart()["ports"]), "two ports of one name"
    for name in ("startupProbe", "livenessProbe", "readinessProbe"):
        probe = release.bart().get(name)
        if probe is None:
            asked = release.values.get(name, {}).get("enabled")
            assert asked is False, f"there is no {name}"
            continue
        assert "enabled" not in probe
        handlers = [handler for handler in ("httpGet", "tcpSocket", "exec", "grpc") if handler in probe]
        assert len(handlers) == 1, f"{name}: {handlers}"
        assert probe[handlers[0]]["port"] in ports, f"{name}: {probe}"


def nothing_restarts_pods_while_the_registry_is_away(release):
    """Only `/livez` answers then; what asks another path was asked for."""
    for name in ("startupProbe", "livenessProbe"):
        probe = release.bart().get(name)
        if probe and name not in release.values:
            assert probe["httpGet"] == {"path": "/livez", "port": "admin"}, name


def bart_listens_where_ports_say(release):
    ports = {port["name"]: port["containerPort"] for port in release.bart()["ports"]}
    variables = release.variables()
    assert variables["BART_LISTEN"] == f"0.0.0.0:{ports['http']}"
    assert variables["BART_ADMIN_LISTEN"] == f"0.0.0.0:{ports['admin']}"
    assert ports["http"] != ports["admin"]
    for service in release.all("Service"):
        for port in service["spec"]["ports"]:
            target = port["targetPort"]
            assert target in ports or target in ports.values(), service["metadata"]["name"]
    assert [port["targetPort"] for port in release.service()["spec"]["ports"]].count("admin") == 0


def an_update_never_takes_a_pod_away_first(release):
    strategy = release.one("Deployment")["spec"]["strategy"]
    if strategy["type"] == "Recreate":
        assert strategy == {"type": "Recreate"}
        assert release.values["updateStrategy"]["type"] == "Recreate"
    else:
        assert strategy["rollingUpdate"]["maxUnavailable"] == 0


def the_autoscaler_owns_the_number_of_pods(release):
    spec = release.one("Deployment")["spec"]
    scalers = release.all("HorizontalPodAutoscaler")
    assert ("replicas" in spec) == (not scalers), "two owners of the number of pods, or none"
    for scaler in scalers:
        target = scaler["spec"]["scaleTargetRef"]
        assert target["name"] == release.one("Deployment")["metadata"]["name"]
        assert scaler["spec"]["metrics"], "it has nothing to aim at"


def a_drain_of_a_node_always_ends(release):
    least = release.one("Deployment")["spec"].get("replicas")
    for scaler in release.all("HorizontalPodAutoscaler"):
        least = scaler["spec"]["minReplicas"]
    budgets = release.all("PodDisruptionBudget")
    assert bool(budgets) == (least > 1), f"{len(budgets)} budgets for {least} pods"
    for budget in budgets:
        spec = budget["spec"]
        assert spec.get("maxUnavailable", 1) != 0
        assert spec.get("minAvailable", 0) < least
        assert spec["unhealthyPodEvictionPolicy"] == "AlwaysAllow"


def requests_can_end_before_the_process_is_killed(release):
    drain = next(
        int(argument.removeprefix("--drain-timeout="))
        for argument in release.bart()["args"]
        if argument.startswith("--drain-timeout=")
    )
    delay = int(release.variables()["BART_SHUTDOWN_DELAY"])
    assert delay > 0, "a router that has not noticed yet is refused"
    assert release.pod()["terminationGracePeriodSeconds"] > delay + drain


def no_secret_is_in_a_config_map_or_a_variable(release):
    assert not release.all("Secret"), "values would hold a secret"
    for config in release.all("ConfigMap"):
        for name in config["data"]:
            assert not LOOKS_SECRET.search(name), f"{name} is in a ConfigMap"
    for who, pod in _pods(release).items():
        for container in _containers(pod):
            for entry in container.get("env", []):
                visible = LOOKS_SECRET.search(entry["name"]) and "value" in entry
                assert not visible, f"{entry['name']} of {who} is visible"


def every_mount_has_its_volume(release):
    volumes = [volume["name"] for volume in release.pod()["volumes"]]
    assert len(set(volumes)) == len(volumes), f"two volumes of one name: {volumes}"
    mounts = release.bart()["volumeMounts"]
    assert {mount["name"] for mount in mounts} == set(volumes), f"{mounts} of {volumes}"
    paths = [mount["mountPath"] for mount in mounts]
    assert len(set(paths)) == len(paths), f"two mounts at one place: {paths}"


def folders_that_are_named_are_mounted(release):
    mounted = {mount["mountPath"]: mount for mount in release.bart()["volumeMounts"]}
    variables = release.variables()
    named = [variables.get(name) for name in ("BART_CACHE_DIR", "BART_SHARED_CACHE_DIR", "BART_REGISTRY_CONFIG")]
    if "BART_CA_FILE" in variables:
        named.append(variables["BART_CA_FILE"].rpartition("/")[0])
    settings = [
        argument.removeprefix("--env-dir=")
        for argument in release.bart()["args"]
        if argument.startswith("--env-dir=")
    ]
    for folder in filter(None, named + settings):
        assert folder in mounted, f"{folder} is not mounted"
    for folder in settings:
        assert mounted[folder]["readOnly"] is True
    configs = {config["metadata"]["name"] for config in release.all("ConfigMap")}
    if configs:
        assert release.volume("site")["configMap"]["name"] in configs


def the_cache_can_be_written(release):
    variables = release.variables()
    mount = next(mount for mount in release.bart()["volumeMounts"] if mount["mountPath"] == variables["BART_CACHE_DIR"])
    assert not mount.get("readOnly")
    security = release.pod()["securityContext"]
    if "fsGroup" in security:
        assert security["fsGroupChangePolicy"] == "OnRootMismatch", "the private cache would be opened to the group"


def what_is_empty_is_left_to_the_image(release):
    variables = release.variables()
    for name in ("BART_REPOSITORY", "BART_BUILD_ID"):
        assert variables.get(name) != "", name
    if "BART_DIGEST" in variables:
        # Not the digest in the image, which is that of another release.
        named = release.values.get("artifact", {})
        assert variables["BART_DIGEST"] == named.get("digest", "")


def objects_are_named_for_their_release(release):
    seen = set()
    for thing in release.objects:
        metadata = thing["metadata"]
        key = thing["kind"], metadata.get("namespace"), metadata["name"]
        assert key not in seen, f"two of {key}"
        seen.add(key)
        assert len(metadata["name"]) <= 63, key
        assert re.fullmatch("[a-z0-9]([a-z0-9-]*[a-z0-9])?", metadata["name"]), key
        assert metadata["labels"]["app.kubernetes.io/instance"] == "site", key
        for name, value in {**metadata["labels"], **metadata.get("annotations", {})}.items():
            assert isinstance(value, str), f"{name} of {key} is no text"
        if thing["kind"] != "Pod":
            assert metadata["labels"]["helm.sh/chart"].startswith("bart-"), key
            assert metadata["labels"]["app.kubernetes.io/managed-by"] == "Helm", key


def routes_lead_to_the_site(release):
    service = release.service()
    name = service["metadata"]["name"]
    port = next(port["port"] for port in service["spec"]["ports"] if port["name"] == "http")
    for ingress in release.all("Ingress"):
        for rule in ingress["spec"]["rules"]:
            for path in rule["http"]["paths"]:
                assert path["backend"]["service"] == {"name": name, "port": {"name": "http"}}
    for route in release.all("HTTPRoute"):
        for rule in route["spec"]["rules"]:
            assert rule["backendRefs"] == [{"name": name, "port": port}]


def monitors_look_at_the_listener_for_the_cluster(release):
    admin = release.admin_service()["metadata"]["labels"]
    for monitor in release.all("ServiceMonitor"):
        selector = monitor["spec"]["selector"]["matchLabels"]
        assert _covers(selector, admin), "it does not select the Service for the cluster"
        assert not _covers(selector, release.service()["metadata"]["labels"]), "it selects the site"
        assert [endpoint["port"] for endpoint in monitor["spec"]["endpoints"]] == ["admin"]
    for monitor in release.all("PodMonitor"):
        assert [endpoint["port"] for endpoint in monitor["spec"]["podMetricsEndpoints"]] == ["admin"]


def a_network_policy_lets_through_what_is_needed(release):
    ports = {port["name"]: port["containerPort"] for port in release.bart()["ports"]}
    asked = release.values.get("networkPolicy", {})
    for policy in release.all("NetworkPolicy"):
        spec = policy["spec"]
        assert sorted(spec["policyTypes"]) == ["Egress", "Ingress"]
        for name, who in (("http", "from"), ("admin", "adminFrom")):
            rules = [
                rule
                for rule in spec["ingress"]
                if {"protocol": "TCP", "port": ports[name]} in rule["ports"]
            ]
            assert len(rules) == 1, f"{len(rules)} rules for {name}"
            peers = rules[0].get("from")
            wanted = asked.get(who)
            assert (peers is None) == (not wanted), f"{name}: {peers}"
            for peer in wanted or []:
                assert peer in peers, f"{name}: {peer} is not let through"
            for pod in release.all("Pod") if peers else []:
                tests = [peer["podSelector"]["matchLabels"] for peer in peers if "podSelector" in peer]
                assert any(_covers(labels, pod["metadata"]["labels"]) for labels in tests), "the test is not let through"
        out = [port for rule in spec["egress"] if "to" not in rule for port in rule["ports"]]
        for protocol in ("UDP", "TCP"):
            assert {"protocol": protocol, "port": 53} in out, f"no DNS over {protocol}"
        assert any(port["port"] not in (53,) for port in out), "no way to a registry"


RULES = [
    every_pod_is_restricted,
    a_folder_of_the_node_is_mounted_only_when_asked,
    no_pod_has_a_token_of_kubernetes,
    no_service_becomes_a_variable,
    selectors_are_name_and_instance_only,
    the_test_pod_gets_no_visitors,
    the_test_pod_asks_the_site_and_whether_it_is_ready,
    probes_ask_ports_that_are_there,
    nothing_restarts_pods_while_the_registry_is_away,
    bart_listens_where_ports_say,
    an_update_never_takes_a_pod_away_first,
    the_autoscaler_owns_the_number_of_pods,
    a_drain_of_a_node_always_ends,
    requests_can_end_before_the_process_is_killed,
    no_secret_is_in_a_config_map_or_a_variable,
    every_mount_has_its_volume,
    folders_that_are_named_are_mounted,
    the_cache_can_be_written,
    what_is_empty_is_left_to_the_image,
    objects_are_named_for_their_release,
    routes_lead_to_the_site,
    monitors_look_at_the_listener_for_the_cluster,
    a_network_policy_lets_through_what_is_needed,
]
