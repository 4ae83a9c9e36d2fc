{{/* The server's configuration file: the values' `config`, and where this chart mounts what. */}}
{{- define "composure.config" -}}
{{- $config := deepCopy .Values.config -}}
{{- if not $config.otlp.endpoint -}}
{{- $_ := unset $config "otlp" -}}
{{- end -}}
{{- with include "composure.playbooksFolder" . -}}
{{- $_ := set $config "playbooks" . -}}
{{- end -}}
{{- if include "composure.tlsSecret" . -}}
{{- $tls := dict "certificate" "/etc/composure/tls/tls.crt" "key" "/etc/composure/tls/tls.key" -}}
{{- if .Values.tls.clientCA.existingSecret -}}
{{- $_ := set $tls "client_ca" "/etc/composure/client-ca/ca.crt" -}}
{{- end -}}
{{- $_ := set $config "tls" $tls -}}
{{- end -}}
{{- $auth := dict -}}
{{- if .Values.auth.apiKeys.existingSecret -}}
{{- $_ := set $auth "api_keys" "/etc/composure/api-keys/api-keys.yaml" -}}
{{- end -}}
{{- with .Values.auth.jwt -}}
{{- if .issuer -}}
{{- $jwks := default "/etc/composure/jwks/jwks.json" .jwks -}}
{{- $_ := set $auth "jwt" (dict "issuer" .issuer "audience" .audience "jwks" $jwks "tenant_claim" .tenant_claim "roles_claim" .roles_claim) -}}
{{- if (default dict .ca).existingConfigMap -}}
{{- $_ := set $auth.jwt "ca" "/etc/composure/jwks-ca/ca.crt" -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- if $auth -}}
{{- $_ := set $config "auth" $auth -}}
{{- end -}}
{{- $_ := set $config "conversations" (include "composure.config.conversations" . | fromYaml) -}}
{{- with include "composure.config.redis" . | fromYaml -}}
{{- $_ := set $config "redis" . -}}
{{- end -}}
{{- toYaml $config -}}
{{- end -}}

{{/* What a value leaves out is the server's own default. */}}
{{- define "composure.config.conversations" -}}
{{- $store := include "composure.store" . -}}
{{- $conversations := default dict .Values.conversations -}}
store: {{ $store }}
{{- with $conversations.ttl }}
{{- if ne $store "none" }}
ttl: {{ . }}
{{- end }}
{{- end }}
{{- if eq $store "memory" }}
{{- range $key := list "most" "bytes" }}
{{- with get $conversations $key }}
{{ $key }}: {{ int64 . }}
{{- end }}
{{- end }}
{{- end }}
{{- end -}}

{{- define "composure.config.redis" -}}
{{- $redis := include "composure.redis" . | fromYaml -}}
{{- range $key := list "mode" "addresses" "master" "username" "timeout" }}
{{- with get $redis $key }}
{{ $key }}: {{ toJson . }}
{{- end }}
{{- end }}
{{- if dig "tls" "enabled" false $redis }}
tls: true
{{- end }}
{{- if include "composure.redisCA" . }}
ca: /etc/composure/redis-ca/ca.crt
{{- end }}
{{- end -}}
