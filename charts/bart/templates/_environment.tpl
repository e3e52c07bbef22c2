{{/* The arguments and variables of `bart serve`. */}}

{{- define "bart.arguments" -}}
- serve
- --concurrency={{ int .Values.limits.concurrency }}
- --request-timeout={{ int .Values.limits.requestTimeout }}
- --memory={{ int .Values.limits.memory }}
- --drain-timeout={{ int .Values.drainTimeout }}
{{- if .Values.siteEnv }}
- --env-dir=/run/bart/site
{{- end }}
{{- range $index, $_ := .Values.siteEnvFrom }}
- --env-dir=/run/bart/site-{{ $index }}
{{- end }}
{{- with .Values.extraArgs }}
{{ toYaml . }}
{{- end }}
{{- end -}}

{{/* What is empty is left to the image. */}}
{{- define "bart.variables" -}}
- name: BART_LISTEN
  value: 0.0.0.0:{{ include "bart.httpPort" . }}
- name: BART_ADMIN_LISTEN
  value: 0.0.0.0:{{ int .Values.admin.port }}
{{- with .Values.artifact.repository }}
- name: BART_REPOSITORY
  value: {{ . | quote }}
{{- end }}
{{- with .Values.artifact.buildId }}
- name: BART_BUILD_ID
  value: {{ . | quote }}
{{- end }}
{{- if or .Values.artifact.digest .Values.artifact.buildId .Values.artifact.repository }}
{{- /* Empty where another release is named: the digest in the image is that of its own. */}}
- name: BART_DIGEST
  value: {{ .Values.artifact.digest | quote }}
{{- end }}
- name: BART_READY_PATH
  value: {{ .Values.readyPath | quote }}
- name: BART_SHUTDOWN_DELAY
  value: {{ int .Values.shutdownDelay | quote }}
- name: BART_LOG_FORMAT
  value: {{ .Values.log.format }}
{{- with .Values.log.filter }}
- name: BART_LOG
  value: {{ . | quote }}
{{- end }}
- name: BART_CACHE_DIR
  value: /cache
{{- if include "bart.sharedCache" . }}
- name: BART_SHARED_CACHE_DIR
  value: /shared
{{- end }}
{{- with include "bart.text" .Values.limits.responseCache }}
- name: BART_RESPONSE_CACHE
  value: {{ . | quote }}
{{- end }}
{{- with .Values.limits.maxConnections }}
- name: BART_MAX_CONNECTIONS
  value: {{ int . | quote }}
{{- end }}
{{- if .Values.registry.existingSecret }}
- name: BART_REGISTRY_CONFIG
  value: /run/bart/registry
{{- end }}
{{- with .Values.registry.mirrors }}
- name: BART_MIRRORS
  value: {{ join "," . | quote }}
{{- end }}
{{- if .Values.registry.insecure }}
- name: BART_INSECURE
  value: "true"
{{- end }}
{{- if include "bart.authorities" . }}
- name: BART_CA_FILE
  value: {{ printf "/run/bart/authorities/%s" .Values.registry.ca.key | quote }}
{{- end }}
{{- with .Values.extraEnv }}
{{ toYaml . }}
{{- end }}
{{- end -}}

{{/* A value as text; a large number would else be written with an exponent. */}}
{{- define "bart.text" -}}
{{- kindIs "float64" . | ternary (int64 .) . | toString -}}
{{- end -}}

{{/* The data of the ConfigMap: numbers and truth values as text. */}}
{{- define "bart.siteEnv" -}}
{{- range $name, $value := .Values.siteEnv }}
{{ $name }}: {{ include "bart.text" $value | quote }}
{{- end }}
{{- end -}}
