{{/* Labels that select the pods. They can never change on an existing Deployment: keep them few. */}}
{{- define "inference.selector" -}}
app.kubernetes.io/name: inference-service
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- define "inference.labels" -}}
{{ include "inference.selector" . }}
app.kubernetes.io/component: {{ .Values.engine }}
app.kubernetes.io/part-of: inference-platform
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ .Chart.Name }}-{{ .Chart.Version }}
{{- end }}

{{/* The test's pod must not be selected by the Service or the Deployment. */}}
{{- define "inference.testSelector" -}}
app.kubernetes.io/name: inference-service-test
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- define "inference.metricsPort" -}}
{{ .Values.metrics.port | default .Values.port }}
{{- end }}

{{/* Warm-up needs a request to send. */}}
{{- define "inference.warms" -}}
{{- if and .Values.sampleRequest.path (gt (int .Values.warmup.requests) 0) }}true{{ end }}
{{- end }}

{{- define "inference.podSecurity" -}}
runAsNonRoot: true
runAsUser: {{ .Values.runAsUser }}
runAsGroup: {{ .Values.runAsUser }}
fsGroup: {{ .Values.runAsUser }}
# A claim with thousands of files is not walked at every start.
fsGroupChangePolicy: OnRootMismatch
seccompProfile:
  type: RuntimeDefault
{{- end }}

{{- define "inference.containerSecurity" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
runAsNonRoot: true
capabilities:
  drop: [ALL]
seccompProfile:
  type: RuntimeDefault
{{- end }}

{{/* An environment variable from a Secret: dict "variable" "secretName" "secretKey". */}}
{{- define "inference.secretVariable" -}}
- name: {{ .variable }}
  valueFrom:
    secretKeyRef:
      name: {{ .secretName | quote }}
      key: {{ .secretKey | quote }}
{{- end }}

{{/* What warm-up and test know about the sample request. */}}
{{- define "inference.requestEnv" -}}
- name: REQUEST_METHOD
  value: {{ .Values.sampleRequest.method | quote }}
- name: REQUEST_PATH
  value: {{ .Values.sampleRequest.path | quote }}
- name: REQUEST_TIMEOUT
  value: {{ .Values.warmup.timeoutSeconds | quote }}
- name: HEALTH_PATH
  value: {{ .Values.probes.readinessPath | quote }}
{{- with .Values.apiKey }}
{{- if .variable }}
{{ include "inference.secretVariable" (dict "variable" "API_KEY" "secretName" .secretName "secretKey" .secretKey) }}
{{- end }}
{{- end }}
{{- end }}

{{/* Environment of the preload: what it fetches with, and no other secret of the server. */}}
{{- define "inference.preloadEnvironment" -}}
{{- $home := not (hasKey .Values.env "HF_HOME") }}
{{- $secrets := list }}
{{- range .Values.secretEnv }}{{ if .preload }}{{ $secrets = append $secrets . }}{{ end }}{{ end }}
{{- if or $home $secrets }}
env:
  {{- if $home }}
  - name: HF_HOME
    value: {{ .Values.cache.path | quote }}
  {{- end }}
  {{- range $secrets }}
  {{- include "inference.secretVariable" . | nindent 2 }}
  {{- end }}
{{- end }}
{{- if .Values.env }}
envFrom:
  - configMapRef:
      name: {{ .Release.Name }}-env
{{- end }}
{{- end }}

{{/* Environment of the server. */}}
{{- define "inference.environment" -}}
{{- $home := and (ne .Values.cache.mode "none") (not (hasKey .Values.env "HF_HOME")) }}
{{- if or $home .Values.apiKey.variable .Values.secretEnv }}
env:
  {{- if $home }}
  - name: HF_HOME
    value: {{ .Values.cache.path | quote }}
  {{- end }}
  {{- if .Values.apiKey.variable }}
  {{- include "inference.secretVariable" .Values.apiKey | nindent 2 }}
  {{- end }}
  {{- range .Values.secretEnv }}
  {{- include "inference.secretVariable" . | nindent 2 }}
  {{- end }}
{{- end }}
{{- if .Values.env }}
envFrom:
  - configMapRef:
      name: {{ .Release.Name }}-env
{{- end }}
{{- end }}

{{/* Thousandths of a core of "500m", "1", "1.5". */}}
{{- define "inference.millis" -}}
{{- if hasSuffix "m" . }}{{ trimSuffix "m" . | float64 }}{{ else }}{{ mulf (float64 .) 1000 }}{{ end }}
{{- end }}

{{/* Bytes of "512Mi", "2Gi", "1.5G", "1000000". */}}
{{- define "inference.bytes" -}}
{{- $factors := dict "" 1 "k" 1e3 "M" 1e6 "G" 1e9 "T" 1e12 "Ki" 1024 "Mi" 1048576 "Gi" 1073741824 "Ti" 1099511627776 }}
{{- $unit := regexFind "[A-Za-z]*$" . }}
{{- mulf (trimSuffix $unit . | float64) (float64 (get $factors $unit)) }}
{{- end }}

{{/* What the schema cannot say: how values compare. */}}
{{- define "inference.checkValues" -}}
{{- $wait := int .Values.preStopSeconds }}
{{- $grace := int .Values.terminationGracePeriodSeconds }}
{{- if ge $wait $grace }}
{{- fail (printf "preStopSeconds (%d): must be below terminationGracePeriodSeconds (%d), which starts at the same time: the server would be killed before it is told to stop" $wait $grace) }}
{{- end }}
{{- $requests := .Values.resources.requests }}
{{- $limits := .Values.resources.limits }}
{{- if $limits.cpu }}
{{- if lt (include "inference.millis" $limits.cpu | float64) (include "inference.millis" $requests.cpu | float64) }}
{{- fail (printf "resources.limits.cpu (%s): must be at least the request, %s" $limits.cpu $requests.cpu) }}
{{- end }}
{{- end }}
{{- if lt (include "inference.bytes" $limits.memory | float64) (include "inference.bytes" $requests.memory | float64) }}
{{- fail (printf "resources.limits.memory (%s): must be at least the request, %s" $limits.memory $requests.memory) }}
{{- end }}
{{- $taken := list .Values.filesPath }}
{{- if ne .Values.cache.mode "none" }}{{ $taken = append $taken .Values.cache.path }}{{ end }}
{{- range $path := .Values.writablePaths }}
{{- if has $path $taken }}
{{- fail (printf "writablePaths (%s): is mounted already, as filesPath or as cache.path" $path) }}
{{- end }}
{{- end }}
{{- end }}

{{/* What the server, and what runs its image, can write. */}}
{{- define "inference.mounts" -}}
{{- range $index, $path := .Values.writablePaths }}
- name: writable-{{ $index }}
  mountPath: {{ $path | quote }}
{{- end }}
{{- if ne .Values.cache.mode "none" }}
- name: cache
  mountPath: {{ .Values.cache.path | quote }}
{{- end }}
{{- end }}

{{/* What pods read from ConfigMaps at start. Not the whole objects: their labels change with the chart's version. */}}
{{- define "inference.configChecksum" -}}
{{- $scripts := list (.Files.Get "files/request.sh") (.Files.Get "files/warm-up.sh") -}}
{{- list .Values.env .Values.files .Values.sampleRequest.body $scripts | toJson | sha256sum -}}
{{- end }}

{{- define "inference.curlResources" -}}
requests: { cpu: 20m, memory: 32Mi }
limits: { cpu: 200m, memory: 64Mi }
{{- end }}

{{- define "inference.dnsEgress" -}}
- ports:
    - { protocol: UDP, port: 53 }
    - { protocol: TCP, port: 53 }
  to:
    - namespaceSelector:
        matchLabels:
          kubernetes.io/metadata.name: kube-system
      podSelector:
        matchLabels:
          k8s-app: kube-dns
{{- end }}
