{{/* Parts of the Ingress. */}}

{{- define "bart.ingressPath" -}}
path: {{ .path }}
pathType: {{ .pathType }}
backend:
  service:
    name: {{ include "bart.fullname" .context | quote }}
    port:
      name: http
{{- end -}}

{{/* `tls` is a truth value, as it always was, or a list in the form of Kubernetes. */}}
{{- define "bart.ingressTls" -}}
{{- $ingress := .Values.ingress -}}
{{- $secret := $ingress.existingSecret | default (printf "%s-tls" (default (include "bart.fullname" .) $ingress.hostname)) -}}
{{- $entries := list -}}
{{- if kindIs "slice" $ingress.tls -}}
{{- $entries = $ingress.tls -}}
{{- else if and $ingress.tls $ingress.hostname -}}
{{- $entries = list (dict "hosts" (list $ingress.hostname) "secretName" $secret) -}}
{{- else if $ingress.tls -}}
{{- $entries = list (dict "secretName" $secret) -}}
{{- end -}}
{{- with concat $entries $ingress.extraTls -}}{{- toYaml . -}}{{- end -}}
{{- end -}}
