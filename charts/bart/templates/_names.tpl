{{/* Names, labels and annotations of the objects. */}}

{{- define "bart.name" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 63 | trimSuffix "-" -}}
{{- end -}}

{{- define "bart.fullname" -}}
{{- if .Values.fullnameOverride -}}
{{- .Values.fullnameOverride | trunc 63 | trimSuffix "-" -}}
{{- else if contains (include "bart.name" .) .Release.Name -}}
{{- .Release.Name | trunc 63 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-%s" .Release.Name (include "bart.name" .) | trunc 63 | trimSuffix "-" -}}
{{- end -}}
{{- end -}}

{{/* The name of an object beside the main ones, given a context and a suffix; a Service's name has at most 63 characters. */}}
{{- define "bart.suffixed" -}}
{{- $suffix := printf "-%s" .suffix -}}
{{- $room := sub 63 (len $suffix) | int -}}
{{- printf "%s%s" (include "bart.fullname" .context | trunc $room | trimSuffix "-") $suffix -}}
{{- end -}}

{{- define "bart.namespace" -}}
{{- default .Release.Namespace .Values.namespaceOverride -}}
{{- end -}}

{{- define "bart.serviceAccountName" -}}
{{- if .Values.serviceAccount.create -}}
{{- default (include "bart.fullname" .) .Values.serviceAccount.name -}}
{{- else -}}
{{- default "default" .Values.serviceAccount.name -}}
{{- end -}}
{{- end -}}

{{/* Never anything else: selectors of a Deployment cannot be changed. */}}
{{- define "bart.selectorLabels" -}}
app.kubernetes.io/name: {{ include "bart.name" . | quote }}
app.kubernetes.io/instance: {{ .Release.Name | quote }}
{{- end -}}

{{/* Labels of pods: without the versions of chart and site, so that neither alone restarts pods. */}}
{{- define "bart.podLabels" -}}
{{- merge (include "bart.selectorLabels" . | fromYaml) .Values.podLabels .Values.commonLabels | toYaml -}}
{{- end -}}

{{/* The pod of `helm test` must not be taken for one that serves. */}}
{{- define "bart.testLabels" -}}
app.kubernetes.io/name: {{ include "bart.name" . | trunc 58 }}-test
app.kubernetes.io/instance: {{ .Release.Name | quote }}
{{- end -}}

{{- define "bart.standardLabels" -}}
{{ include "bart.selectorLabels" . }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" | trunc 63 | trimSuffix "-" }}
{{- end -}}

{{/* The metadata of an object, given a context and a name; labels, annotations and a namespace where it has its own. */}}
{{- define "bart.metadata" -}}
{{- $values := .context.Values -}}
{{- $labels := merge (include "bart.standardLabels" .context | fromYaml) (default dict .labels) $values.commonLabels -}}
{{- $annotations := merge dict (default dict .annotations) $values.commonAnnotations -}}
name: {{ .name | quote }}
namespace: {{ default (include "bart.namespace" .context) .namespace | quote }}
labels:
  {{- toYaml $labels | nindent 2 }}
{{- with $annotations }}
annotations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end -}}
