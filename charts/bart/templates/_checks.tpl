{{/* What is wrong with values although each of them alone may be right. Every message ends with what helps. */}}

{{- define "bart.checks" -}}
{{- include "bart.checks.ports" . -}}
{{- include "bart.checks.replicas" . -}}
{{- include "bart.checks.cache" . -}}
{{- include "bart.checks.end" . -}}
{{- include "bart.checks.secrets" . -}}
{{- end -}}

{{- define "bart.checks.ports" -}}
{{- $port := include "bart.httpPort" . -}}
{{- if not $port -}}
{{- fail "ports: none of them is named `http`: name the one where visitors are answered" -}}
{{- end -}}
{{- if not (include "bart.servicePort" .) -}}
{{- fail "service.ports: none of them is named `http`: name the one that leads to visitors' port" -}}
{{- end -}}
{{- range .Values.ports -}}
{{- if eq (int .containerPort) (int $.Values.admin.port) -}}
{{- fail (printf "admin.port: %d is one of `ports` already: choose another one" (int $.Values.admin.port)) -}}
{{- end -}}
{{- end -}}
{{- end -}}

{{- define "bart.checks.replicas" -}}
{{- $scaling := .Values.autoscaling -}}
{{- if $scaling.enabled -}}
{{- if gt (int $scaling.minReplicas) (int $scaling.maxReplicas) -}}
{{- fail "autoscaling.minReplicas: more than `autoscaling.maxReplicas`: exchange them" -}}
{{- end -}}
{{- if not (or $scaling.targetCPU $scaling.targetMemory $scaling.metrics) -}}
{{- fail "autoscaling: nothing to aim at: set `targetCPU`, `targetMemory` or `metrics`" -}}
{{- end -}}
{{- $requests := default dict .Values.resources.requests -}}
{{- if and $scaling.targetCPU (not (hasKey $requests "cpu")) -}}
{{- fail "autoscaling.targetCPU: a percentage of nothing: set `resources.requests.cpu`" -}}
{{- end -}}
{{- if and $scaling.targetMemory (not (hasKey $requests "memory")) -}}
{{- fail "autoscaling.targetMemory: a percentage of nothing: set `resources.requests.memory`" -}}
{{- end -}}
{{- end -}}
{{- $least := toString .Values.podDisruptionBudget.minAvailable -}}
{{- $replicas := include "bart.leastReplicas" . | int -}}
{{- if and .Values.podDisruptionBudget.enabled (gt $replicas 1) (or (eq $least "100%") (and (regexMatch "^[0-9]+$" $least) (ge (int $least) $replicas))) -}}
{{- fail (printf "podDisruptionBudget.minAvailable: %s of %d pods would stop every drain of a node: use `maxUnavailable: 1`" $least $replicas) -}}
{{- end -}}
{{- end -}}

{{- define "bart.checks.cache" -}}
{{- $modes := .Values.cache.claim.accessModes -}}
{{- $single := and (eq .Values.cache.type "claim") (not .Values.cache.claim.existingClaim) (not (has "ReadWriteMany" $modes)) -}}
{{- if and $single (ne .Values.updateStrategy.type "Recreate") -}}
{{- fail "cache.claim.accessModes: a new pod may wait for ever for a claim that only one node can have: set `updateStrategy.type: Recreate`, or use `ReadWriteMany`" -}}
{{- end -}}
{{- if and $single (or .Values.autoscaling.enabled (gt (int .Values.replicaCount) 1)) -}}
{{- fail "cache.claim.accessModes: several pods need `ReadWriteMany`, or `cache.type: emptyDir`" -}}
{{- end -}}
{{- if and .Values.cache.shared.existingClaim .Values.cache.shared.hostPath -}}
{{- fail "cache.shared: there is one shared level: set `existingClaim` or `hostPath`, not both" -}}
{{- end -}}
{{- if and .Values.registry.ca.configMap .Values.registry.ca.secret -}}
{{- fail "registry.ca: there is one file of authorities: set `configMap` or `secret`, not both" -}}
{{- end -}}
{{- end -}}

{{- define "bart.checks.end" -}}
{{- $needed := add .Values.shutdownDelay .Values.drainTimeout -}}
{{- with .Values.terminationGracePeriodSeconds -}}
{{- if lt (int .) (int $needed) -}}
{{- fail (printf "terminationGracePeriodSeconds: %d is shorter than `shutdownDelay` and `drainTimeout` together (%d): requests would be cut off; leave it empty" (int .) (int $needed)) -}}
{{- end -}}
{{- end -}}
{{- end -}}

{{- define "bart.checks.secrets" -}}
{{- range .Values.extraEnv -}}
{{- if and (hasKey . "value") (regexMatch "PASSWORD|SECRET|TOKEN|CREDENTIAL|PRIVATE_KEY" .name) -}}
{{- fail (printf "extraEnv: the value of `%s` would be there for everybody who can read the Deployment: use `valueFrom.secretKeyRef`" .name) -}}
{{- end -}}
{{- end -}}
{{- end -}}

{{/* The fewest pods that there are meant to be. */}}
{{- define "bart.leastReplicas" -}}
{{- .Values.autoscaling.enabled | ternary .Values.autoscaling.minReplicas .Values.replicaCount | int -}}
{{- end -}}
