{{/* Volumes, and where they are mounted. */}}

{{/* Not empty where there is a shared level. */}}
{{- define "bart.sharedCache" -}}
{{- or .Values.cache.shared.existingClaim .Values.cache.shared.hostPath -}}
{{- end -}}

{{/* Not empty where there are authorities of one's own. */}}
{{- define "bart.authorities" -}}
{{- or .Values.registry.ca.configMap .Values.registry.ca.secret -}}
{{- end -}}

{{- define "bart.cacheClaimName" -}}
{{- default (include "bart.suffixed" (dict "context" . "suffix" "cache")) .Values.cache.claim.existingClaim -}}
{{- end -}}

{{- define "bart.volumeMounts" -}}
- name: cache
  mountPath: /cache
{{- if include "bart.sharedCache" . }}
- name: shared-cache
  mountPath: /shared
  {{- if .Values.cache.shared.readOnly }}
  readOnly: true
  {{- end }}
{{- end }}
{{- if .Values.registry.existingSecret }}
- name: registry
  mountPath: /run/bart/registry
  readOnly: true
{{- end }}
{{- if include "bart.authorities" . }}
- name: authorities
  mountPath: /run/bart/authorities
  readOnly: true
{{- end }}
{{- if .Values.siteEnv }}
- name: site
  mountPath: /run/bart/site
  readOnly: true
{{- end }}
{{- range $index, $_ := .Values.siteEnvFrom }}
- name: site-{{ $index }}
  mountPath: /run/bart/site-{{ $index }}
  readOnly: true
{{- end }}
{{- with .Values.extraVolumeMounts }}
{{ toYaml . }}
{{- end }}
{{- end -}}

{{- define "bart.volumes" -}}
{{ include "bart.cacheVolumes" . }}
{{- with .Values.registry.existingSecret }}
- name: registry
  secret:
    secretName: {{ . | quote }}
{{- end }}
{{- with .Values.registry.ca.configMap }}
- name: authorities
  configMap:
    name: {{ . | quote }}
{{- end }}
{{- with .Values.registry.ca.secret }}
- name: authorities
  secret:
    secretName: {{ . | quote }}
{{- end }}
{{- if .Values.siteEnv }}
- name: site
  configMap:
    name: {{ include "bart.suffixed" (dict "context" . "suffix" "site") | quote }}
{{- end }}
{{- range $index, $source := .Values.siteEnvFrom }}
- name: site-{{ $index }}
  {{- with $source.secretRef }}
  secret:
    secretName: {{ .name | quote }}
  {{- end }}
  {{- with $source.configMapRef }}
  configMap:
    name: {{ .name | quote }}
  {{- end }}
    {{- if (default dict (default $source.configMapRef $source.secretRef)).optional }}
    optional: true
    {{- end }}
    {{- with $source.items }}
    items:
      {{- toYaml . | nindent 6 }}
    {{- end }}
{{- end }}
{{- with .Values.extraVolumes }}
{{ toYaml . }}
{{- end }}
{{- end -}}

{{- define "bart.cacheVolumes" -}}
- name: cache
{{- if eq .Values.cache.type "claim" }}
  persistentVolumeClaim:
    claimName: {{ include "bart.cacheClaimName" . | quote }}
{{- else }}
  emptyDir:
    {{- with .Values.cache.emptyDir.medium }}
    medium: {{ . }}
    {{- end }}
    {{- with .Values.cache.emptyDir.sizeLimit }}
    sizeLimit: {{ . | quote }}
    {{- end }}
{{- end }}
{{- with .Values.cache.shared.existingClaim }}
- name: shared-cache
  persistentVolumeClaim:
    claimName: {{ . | quote }}
{{- end }}
{{- with .Values.cache.shared.hostPath }}
- name: shared-cache
  hostPath:
    path: {{ . | quote }}
    {{- /* A folder that the kubelet made would belong to root, and nobody had chosen it. */}}
    type: Directory
{{- end }}
{{- end -}}
