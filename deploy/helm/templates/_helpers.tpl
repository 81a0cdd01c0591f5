{{- define "issuance.name" -}}{{ .Release.Name | trunc 40 | trimSuffix "-" }}{{- end }}

{{- define "issuance.image" -}}
{{- $repository := required "image.repository: where the image is" .Values.image.repository -}}
{{- if .Values.image.digest }}{{ $repository }}@{{ .Values.image.digest }}{{ else }}{{ $repository }}:{{ .Values.image.tag | default .Chart.AppVersion }}{{ end }}
{{- end }}

{{/* Labels of one process: dict "root" . "process" "api" */}}
{{- define "issuance.selector" -}}
app.kubernetes.io/name: issuance
app.kubernetes.io/instance: {{ .root.Release.Name }}
app.kubernetes.io/component: {{ .process }}
{{- end }}

{{- define "issuance.labels" -}}
{{ include "issuance.selector" . }}
app.kubernetes.io/version: {{ .root.Values.image.tag | default .root.Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .root.Release.Service }}
helm.sh/chart: {{ .root.Chart.Name }}-{{ .root.Chart.Version }}
{{- end }}

{{- define "issuance.podSecurity" -}}
automountServiceAccountToken: false
enableServiceLinks: false
securityContext:
  runAsNonRoot: true
  runAsUser: 65532
  runAsGroup: 65532
  fsGroup: 65532
  fsGroupChangePolicy: OnRootMismatch
  seccompProfile: {type: RuntimeDefault}
{{- with .Values.imagePullSecrets }}
imagePullSecrets: {{ toYaml . | nindent 2 }}
{{- end }}
{{- with .Values.nodeSelector }}
nodeSelector: {{ toYaml . | nindent 2 }}
{{- end }}
{{- with .Values.tolerations }}
tolerations: {{ toYaml . | nindent 2 }}
{{- end }}
{{- end }}

{{- define "issuance.containerSecurity" -}}
securityContext:
  allowPrivilegeEscalation: false
  readOnlyRootFilesystem: true
  capabilities: {drop: [ALL]}
{{- end }}

{{/* Variables that every process but the portal has beside config: dict "root" . "token" "temporal_api_token" */}}
{{- define "issuance.temporal" -}}
- {name: TEMPORAL_ADDRESS, value: {{ required "temporal.address: host:port of the Temporal server" .root.Values.temporal.address | quote }}}
{{- with .root.Values.temporal.serverName }}
- {name: TEMPORAL_TLS_SERVER_NAME, value: {{ . | quote }}}
{{- end }}
- {name: TEMPORAL_TLS_CA, value: /run/secrets/temporal_ca}
- {name: TEMPORAL_TLS_CERT, value: /run/secrets/temporal_client_cert}
- {name: TEMPORAL_TLS_KEY, value: /run/secrets/temporal_client_key}
- {name: TEMPORAL_TOKEN_FILE, value: /run/secrets/{{ .token }}}
{{- end }}

{{- define "issuance.config" -}}
{{- range $name, $value := .Values.config }}
- {name: {{ $name }}, value: {{ $value | toString | quote }}}
{{- end }}
{{- if .Values.roots }}
- {name: SSL_CERT_DIR, value: "/etc/ssl/certs:/etc/issuance/roots"}
{{- end }}
{{- end }}

{{/* Secrets as files, and the variables that name them: dict "root" . "secrets" (list of keys) "optional" (dict of key to variable) */}}
{{- define "issuance.secretVolume" -}}
- name: secrets
  secret:
    secretName: {{ required "secrets.name: a Secret with the files of deploy/secrets.sh" .root.Values.secrets.name }}
    defaultMode: 0440
    items:
      {{- range .secrets }}
      - {key: {{ . }}, path: {{ . }}}
      {{- end }}
      {{- range $key, $variable := .optional }}
      {{- if has $key $.root.Values.secrets.optional }}
      - {key: {{ $key }}, path: {{ $key }}}
      {{- end }}
      {{- end }}
{{- end }}

{{- define "issuance.optionalSecrets" -}}
{{- range $key, $variable := .optional }}
{{- if has $key $.root.Values.secrets.optional }}
- {name: {{ $variable }}, value: /run/secrets/{{ $key }}}
{{- end }}
{{- end }}
{{- end }}

{{- define "issuance.spread" -}}
topologySpreadConstraints:
  - maxSkew: 1
    topologyKey: {{ .root.Values.topologyKey }}
    whenUnsatisfiable: ScheduleAnyway
    labelSelector: {matchLabels: {{ include "issuance.selector" . | fromYaml | toJson }}}
{{- end }}

{{- define "issuance.tariffName" -}}
{{ .Values.tariffConfigMap | default (printf "%s-tariff" (include "issuance.name" .)) }}
{{- end }}
