{{/* Where bart listens, and where its registries are. */}}

{{/* The port of the container for visitors. */}}
{{- define "bart.httpPort" -}}
{{- range .Values.ports -}}{{- if eq .name "http" -}}{{- .containerPort -}}{{- end -}}{{- end -}}
{{- end -}}

{{/* The port of the Service for visitors. */}}
{{- define "bart.servicePort" -}}
{{- range .Values.service.ports -}}{{- if eq .name "http" -}}{{- .port -}}{{- end -}}{{- end -}}
{{- end -}}

{{/* The ports of registries, as a JSON list: those that are given, and those in the names of the artifact's repository and of mirrors. */}}
{{- define "bart.registryPorts" -}}
{{- $ports := list -}}
{{- range .Values.networkPolicy.registryPorts -}}{{- $ports = append $ports (int .) -}}{{- end -}}
{{- range prepend .Values.registry.mirrors .Values.artifact.repository -}}
{{- $host := splitList "=" . | last | splitList "/" | first -}}
{{- if regexMatch ":[0-9]+$" $host -}}
{{- $ports = append $ports (splitList ":" $host | last | int) -}}
{{- else if $.Values.registry.insecure -}}
{{- $ports = append $ports 80 -}}
{{- end -}}
{{- end -}}
{{- $ports | uniq | toJson -}}
{{- end -}}
