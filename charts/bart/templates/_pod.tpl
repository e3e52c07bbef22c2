{{/* The pod that serves the site. */}}

{{/* A probe, given its values: with another handler than the default one, without `enabled`. Nothing where it is off. */}}
{{- define "bart.probe" -}}
{{- if .enabled -}}
{{- $probe := omit . "enabled" -}}
{{- if or .tcpSocket .exec .grpc -}}{{- $probe = omit $probe "httpGet" -}}{{- end -}}
{{- toYaml $probe -}}
{{- end -}}
{{- end -}}

{{- define "bart.container" -}}
name: bart
image: {{ include "bart.image" (dict "context" . "image" .Values.image) | quote }}
{{- with .Values.image.pullPolicy }}
imagePullPolicy: {{ . }}
{{- end }}
args:
  {{- include "bart.arguments" . | nindent 2 }}
env:
  {{- include "bart.variables" . | nindent 2 }}
{{- with .Values.extraEnvFrom }}
envFrom:
  {{- toYaml . | nindent 2 }}
{{- end }}
ports:
  {{- toYaml .Values.ports | nindent 2 }}
  - name: admin
    containerPort: {{ int .Values.admin.port }}
    protocol: TCP
{{- with include "bart.probe" .Values.startupProbe }}
startupProbe:
  {{- . | nindent 2 }}
{{- end }}
{{- with include "bart.probe" .Values.livenessProbe }}
livenessProbe:
  {{- . | nindent 2 }}
{{- end }}
{{- with include "bart.probe" .Values.readinessProbe }}
readinessProbe:
  {{- . | nindent 2 }}
{{- end }}
{{- with .Values.lifecycleHooks }}
lifecycle:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .Values.resources }}
resources:
  {{- toYaml . | nindent 2 }}
{{- end }}
securityContext:
  {{- omit .Values.containerSecurityContext "enabled" | toYaml | nindent 2 }}
volumeMounts:
  {{- include "bart.volumeMounts" . | nindent 2 }}
{{- end -}}

{{- define "bart.podSpec" -}}
serviceAccountName: {{ include "bart.serviceAccountName" . | quote }}
automountServiceAccountToken: false
{{- /* A Service called `bart` would otherwise set variables that begin with `BART_`. */}}
enableServiceLinks: false
securityContext:
  {{- omit .Values.podSecurityContext "enabled" | toYaml | nindent 2 }}
terminationGracePeriodSeconds: {{ default (add .Values.shutdownDelay .Values.drainTimeout 5) .Values.terminationGracePeriodSeconds | int }}
{{- with include "bart.imagePullSecrets" . }}
imagePullSecrets:
  {{- . | nindent 2 }}
{{- end }}
{{- with .Values.initContainers }}
initContainers:
  {{- toYaml . | nindent 2 }}
{{- end }}
containers:
  - {{ include "bart.container" . | nindent 4 | trim }}
  {{- with .Values.sidecars }}
  {{- toYaml . | nindent 2 }}
  {{- end }}
volumes:
  {{- include "bart.volumes" . | nindent 2 }}
topologySpreadConstraints:
  {{- include "bart.spread" . | trim | nindent 2 }}
{{- include "bart.placement" . }}
{{- end -}}

{{/* Without wishes: over nodes and zones, each generation of pods by itself, as far as possible. */}}
{{- define "bart.spread" -}}
{{- if .Values.topologySpreadConstraints -}}
{{- toYaml .Values.topologySpreadConstraints -}}
{{- else -}}
{{- range list "kubernetes.io/hostname" "topology.kubernetes.io/zone" }}
- maxSkew: 1
  topologyKey: {{ . }}
  whenUnsatisfiable: ScheduleAnyway
  matchLabelKeys: [pod-template-hash]
  labelSelector:
    matchLabels:
      {{- include "bart.selectorLabels" $ | nindent 6 }}
{{- end }}
{{- end -}}
{{- end -}}

{{- define "bart.placement" -}}
{{- range $name := list "nodeSelector" "tolerations" "affinity" "hostAliases" }}
{{- with get $.Values $name }}
{{ $name }}:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end }}
{{- range $name := list "priorityClassName" "schedulerName" "runtimeClassName" }}
{{- with get $.Values $name }}
{{ $name }}: {{ . | quote }}
{{- end }}
{{- end }}
{{- end -}}
