{{/* What follows from the values; an empty text is no. */}}

{{- define "composure.tlsSecret" -}}
{{- if .Values.tls.certManager.enabled -}}
{{ include "composure.fullname" . }}-tls
{{- else -}}
{{ .Values.tls.existingSecret }}
{{- end -}}
{{- end -}}

{{- define "composure.playbooksConfigMap" -}}
{{- if .Values.playbooks.inline -}}
{{ include "composure.fullname" . }}-playbooks
{{- else -}}
{{ .Values.playbooks.existingConfigMap }}
{{- end -}}
{{- end -}}

{{- define "composure.playbooksFolder" -}}
{{- if include "composure.playbooksConfigMap" . -}}
/etc/composure/playbooks
{{- else -}}
{{ .Values.playbooks.path }}
{{- end -}}
{{- end -}}

{{- define "composure.authenticated" -}}
{{- if or .Values.auth.apiKeys.existingSecret .Values.auth.jwt.issuer -}}yes{{- end -}}
{{- end -}}

{{/* Whether `helm test` has what it needs to be let in. */}}
{{- define "composure.testMayCall" -}}
{{- $tls := include "composure.tlsSecret" . -}}
{{- $auth := include "composure.authenticated" . -}}
{{- if and (or (not $tls) .Values.tests.clientSecret) (or (not $auth) .Values.tests.credentialSecret) -}}yes{{- end -}}
{{- end -}}

{{/* Whether there may be more than one pod for long. */}}
{{- define "composure.several" -}}
{{- if or .Values.autoscaling.enabled .Values.keda.enabled (gt (int .Values.replicaCount) 1) -}}yes{{- end -}}
{{- end -}}

{{/* Where conversations are held: memory, redis or none. Like all that came after 0.1.0, it may be missing from the values that
`--reuse-values` brings. */}}
{{- define "composure.store" -}}
{{- dig "store" "" (default dict .Values.conversations) | default (ternary "none" "memory" (eq (include "composure.several" .) "yes")) -}}
{{- end -}}

{{/* The values of Redis, where conversations are held in it. */}}
{{- define "composure.redis" -}}
{{- if eq (include "composure.store" .) "redis" -}}{{ default dict .Values.redis | toYaml }}{{- end -}}
{{- end -}}

{{- define "composure.redisPassword" -}}
{{- dig "existingSecret" "" (include "composure.redis" . | fromYaml) -}}
{{- end -}}

{{- define "composure.redisCA" -}}
{{- dig "tls" "existingSecret" "" (include "composure.redis" . | fromYaml) -}}
{{- end -}}

{{/* Sentinels say where the servers are, which have a port of their own. */}}
{{- define "composure.redisPorts" -}}
{{- $redis := include "composure.redis" . | fromYaml -}}
{{- $ports := list -}}
{{- range $redis.addresses -}}{{- $ports = append $ports (regexFind "[0-9]+$" .) -}}{{- end -}}
{{- if eq (default "single" $redis.mode) "sentinel" -}}{{- $ports = append $ports "6379" -}}{{- end -}}
{{- range uniq $ports }}
- port: {{ . }}
  protocol: TCP
{{- end -}}
{{- end -}}

{{/* The fewest pods that may be meant to run. */}}
{{- define "composure.fewest" -}}
{{- if .Values.autoscaling.enabled -}}
{{ .Values.autoscaling.minReplicas }}
{{- else if .Values.keda.enabled -}}
{{ .Values.keda.minReplicas }}
{{- else -}}
{{ .Values.replicaCount }}
{{- end -}}
{{- end -}}

{{- define "composure.budget" -}}
{{- $asked := toString .Values.podDisruptionBudget.enabled -}}
{{- if or (eq $asked "true") (and (eq $asked "auto") (gt (include "composure.fewest" . | int) 1)) -}}yes{{- end -}}
{{- end -}}

{{/* `http(s)://host:port/path` to the port. */}}
{{- define "composure.port" -}}
{{- $url := urlParse . -}}
{{- $port := regexFind ":[0-9]+$" $url.host | trimPrefix ":" -}}
{{- default (ternary "443" "80" (eq $url.scheme "https")) $port -}}
{{- end -}}

{{/* What stands at `a.b.c`; nothing where it does not. */}}
{{- define "composure.value" -}}
{{- $value := .values -}}
{{- range splitList "." .key -}}
{{- $value = get (default dict $value) . -}}
{{- end -}}
{{- $value -}}
{{- end -}}

{{/* `1500ms`, `20s`, `30m`, `2h` to milliseconds; the key is for the sentence that refuses anything else. */}}
{{- define "composure.milliseconds" -}}
{{- if not (regexMatch "^[0-9]{1,9}(ms|s|m|h)$" .text) -}}
{{- fail (printf "\n\n%s: `%s` is no duration; write a whole number and ms, s, m or h, such as 20s" .key .text) -}}
{{- end -}}
{{- $unit := regexFind "[a-z]+$" .text -}}
{{- mul (trimSuffix $unit .text | int64) (get (dict "ms" 1 "s" 1000 "m" 60000 "h" 3600000) $unit) -}}
{{- end -}}

{{/* Kubernetes' `256Mi`, `1.5G`, `268435456` to bytes; what it can't read is nothing. */}}
{{- define "composure.bytes" -}}
{{- $text := toString . -}}
{{- if regexMatch "^[0-9]+([.][0-9]+)?(Ki|Mi|Gi|Ti|k|M|G|T)?$" $text -}}
{{- $unit := regexFind "[A-Za-z]+$" $text -}}
{{- $factor := get (dict "" 1 "k" 1000 "M" 1000000 "G" 1000000000 "T" 1000000000000 "Ki" 1024 "Mi" 1048576 "Gi" 1073741824 "Ti" 1099511627776) $unit -}}
{{- mulf (trimSuffix $unit $text | float64) $factor | int64 -}}
{{- end -}}
{{- end -}}
