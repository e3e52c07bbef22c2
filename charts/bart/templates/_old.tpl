{{/* Values of the chart before version 1.1, whose library had more than there is here. */}}

{{/* Those of them that are set and do nothing, with commas in between. */}}
{{- define "bart.idleValues" -}}
{{- $idle := list "clusterDomain" "common" "configMap" "envVars" "envVarsConfigMap" "envVarsSecret" "extraVolumeClaimTemplates" "helmet" "kind" "kubeVersion" "nodeAffinityPreset" "podAffinityPreset" "podAntiAffinityPreset" "podRestartPolicy" "command" "args" "secret" -}}
{{- $found := list -}}
{{- range $idle -}}{{- if get $.Values . -}}{{- $found = append $found . -}}{{- end -}}{{- end -}}
{{- range list "apiVersion" "secrets" "selfSigned" -}}{{- if get $.Values.ingress . -}}{{- $found = append $found (printf "ingress.%s" .) -}}{{- end -}}{{- end -}}
{{- join ", " $found -}}
{{- end -}}
