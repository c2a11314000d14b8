{{- define "klamm.name" -}}
{{- if contains "klamm" .Release.Name -}}{{ .Release.Name | trunc 50 | trimSuffix "-" }}
{{- else -}}{{ printf "%s-klamm" .Release.Name | trunc 50 | trimSuffix "-" }}{{- end -}}
{{- end }}

{{- define "klamm.selector" -}}
app.kubernetes.io/name: klamm-operator
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- define "klamm.labels" -}}
{{ include "klamm.selector" . }}
app.kubernetes.io/component: operator
app.kubernetes.io/part-of: klamm
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" }}
{{- with .Values.commonLabels }}
{{ toYaml . }}
{{- end }}
{{- end }}

{{- define "klamm.account" -}}
{{- if .Values.serviceAccount.name }}{{ .Values.serviceAccount.name }}
{{- else if .Values.serviceAccount.create }}{{ include "klamm.name" . }}
{{- else }}default{{ end -}}
{{- end }}

{{- define "klamm.image" -}}
{{- if .Values.image.digest -}}{{ .Values.image.repository }}@{{ .Values.image.digest }}
{{- else -}}{{ .Values.image.repository }}:{{ .Values.image.tag | default .Chart.AppVersion }}{{- end -}}
{{- end }}

{{- define "klamm.podSecurity" -}}
runAsNonRoot: true
runAsUser: 65532
runAsGroup: 65532
seccompProfile:
  type: RuntimeDefault
{{- end }}

{{- define "klamm.containerSecurity" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities:
  drop: [ALL]
{{- end }}

{{- /* What the operator does in a namespace that it looks after. */}}
{{- define "klamm.rules" -}}
- apiGroups: [klamm.dev]
  resources: [clusters]
  verbs: [get, list, watch]
- apiGroups: [klamm.dev]
  resources: [topics]
  verbs: [get, list, watch, patch]
- apiGroups: [klamm.dev]
  resources: [clusters/status, topics/status]
  verbs: [patch]
- apiGroups: [klamm.dev]
  resources: [clusters/finalizers, topics/finalizers]
  verbs: [update]
- apiGroups: [""]
  resources: [pods]
  verbs: [get, list, watch, patch, delete]
- apiGroups: [""]
  resources: [configmaps, services, serviceaccounts, persistentvolumeclaims]
  verbs: [get, list, watch, create, patch, delete]
# Only asked about, in a dry run: whether there can be Pods of this kind.
- apiGroups: [""]
  resources: [podtemplates]
  verbs: [create]
- apiGroups: [apps]
  resources: [statefulsets]
  verbs: [get, list, watch, create, patch, delete]
- apiGroups: [policy]
  resources: [poddisruptionbudgets]
  verbs: [get, list, watch, create, patch, delete]
- apiGroups: [networking.k8s.io]
  resources: [networkpolicies]
  verbs: [get, list, watch, create, patch, delete]
- apiGroups: [events.k8s.io]
  resources: [events]
  verbs: [create, patch]
{{- end }}
