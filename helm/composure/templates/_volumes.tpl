{{/* All that is mounted, as folders: a file mounted alone (subPath) would never change. One list for both halves. */}}
{{- define "composure.mounted" -}}
- name: config
  configMap: {name: {{ include "composure.fullname" . }}-config}
{{- with include "composure.playbooksConfigMap" . }}
- name: playbooks
  configMap: {name: {{ . }}}
{{- end }}
{{- with include "composure.tlsSecret" . }}
- name: tls
  secret: {secretName: {{ . }}, defaultMode: 0440, items: [{key: tls.crt, path: tls.crt}, {key: tls.key, path: tls.key}]}
{{- end }}
{{- with .Values.tls.clientCA }}
{{- if .existingSecret }}
- name: client-ca
  secret: {secretName: {{ .existingSecret }}, defaultMode: 0440, items: [{key: {{ .key | quote }}, path: ca.crt}]}
{{- end }}
{{- end }}
{{- with .Values.auth.apiKeys }}
{{- if .existingSecret }}
- name: api-keys
  secret: {secretName: {{ .existingSecret }}, defaultMode: 0440, items: [{key: {{ .key | quote }}, path: api-keys.yaml}]}
{{- end }}
{{- end }}
{{- with .Values.auth.jwt }}
{{- if .existingConfigMap }}
- name: jwks
  configMap: {name: {{ .existingConfigMap }}, items: [{key: {{ .key | quote }}, path: jwks.json}]}
{{- end }}
{{- with .ca }}
{{- if .existingConfigMap }}
- name: jwks-ca
  configMap: {name: {{ .existingConfigMap }}, items: [{key: {{ .key | default "ca.crt" | quote }}, path: ca.crt}]}
{{- end }}
{{- end }}
{{- end }}
{{- with include "composure.redisCA" . }}
- name: redis-ca
  secret: {secretName: {{ . }}, defaultMode: 0440, items: [{key: {{ dig "tls" "key" "ca.crt" $.Values.redis | quote }}, path: ca.crt}]}
{{- end }}
{{- end -}}

{{- define "composure.mounts" -}}
{{- range include "composure.mounted" . | fromYamlArray }}
- name: {{ .name }}
  mountPath: /etc/composure/{{ .name }}
  readOnly: true
{{- end }}
{{- end -}}
