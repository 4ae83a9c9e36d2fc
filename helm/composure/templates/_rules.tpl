{{/* What the schema can't see: values that make sense alone and not together. All that is wrong is said at once. */}}
{{- define "composure.rules" -}}
{{- $wrong := list -}}
{{- range $rule := list "durations" "stop" "budget" "scale" "tls" "auth" "playbooks" "routes" "conversations" "redis" "tests" -}}
{{- range $sentence := include (printf "composure.rules.%s" $rule) $ | splitList "\n" -}}
{{- if trim $sentence -}}{{- $wrong = append $wrong (printf "- %s" (trim $sentence)) -}}{{- end -}}
{{- end -}}
{{- end -}}
{{- if $wrong -}}
{{- fail (printf "\n\nthese values do not go together:\n%s\n" (join "\n" $wrong)) -}}
{{- end -}}
{{- end -}}

{{/* As the server bounds them. */}}
{{- define "composure.rules.durations" -}}
{{- $bounds := dict "config.limits.deadline" (list "100ms" "1h") "config.limits.handshake" (list "100ms" "1h") "config.limits.connection_age" (list "100ms" "168h")
      "config.drain.wait" (list "0s" "1h") "config.drain.deadline" (list "0s" "1h") "conversations.ttl" (list "1m" "720h") "redis.timeout" (list "10ms" "10s") -}}
{{- range $key, $bound := $bounds -}}
{{- with include "composure.value" (dict "values" $.Values "key" $key) -}}
{{- $is := include "composure.milliseconds" (dict "key" $key "text" .) | int64 -}}
{{- $least := include "composure.milliseconds" (dict "key" $key "text" (first $bound)) | int64 -}}
{{- $most := include "composure.milliseconds" (dict "key" $key "text" (last $bound)) | int64 -}}
{{- if or (lt $is $least) (gt $is $most) }}
{{ $key }}: `{{ . }}` is not from {{ first $bound }} to {{ last $bound }}
{{- end }}
{{- end -}}
{{- end -}}
{{- end -}}

{{- define "composure.rules.stop" -}}
{{- $wait := include "composure.milliseconds" (dict "key" "config.drain.wait" "text" .Values.config.drain.wait) -}}
{{- $drain := include "composure.milliseconds" (dict "key" "config.drain.deadline" "text" .Values.config.drain.deadline) -}}
{{- $needed := add (mul .Values.preStopSeconds 1000) ($wait | int64) ($drain | int64) -}}
{{- if le (mul .Values.terminationGracePeriodSeconds 1000) $needed }}
terminationGracePeriodSeconds: {{ .Values.terminationGracePeriodSeconds }} s is over before the pod has stopped in peace; preStopSeconds + config.drain.wait + config.drain.deadline take {{ divf $needed 1000 }} s, so give it more
{{- end }}
{{- if lt ($drain | int64) (include "composure.milliseconds" (dict "key" "config.limits.deadline" "text" .Values.config.limits.deadline) | int64) }}
config.drain.deadline: {{ .Values.config.drain.deadline }} is over before a call is, which may take config.limits.deadline, {{ .Values.config.limits.deadline }}; make it as long, or longer
{{- end }}
{{- end -}}

{{- define "composure.rules.budget" -}}
{{- $fewest := include "composure.fewest" . | int -}}
{{- $stay := toString .Values.podDisruptionBudget.minAvailable -}}
{{- $leave := toString .Values.podDisruptionBudget.maxUnavailable -}}
{{- if include "composure.budget" . -}}
{{- if le $fewest 1 }}
podDisruptionBudget.enabled: with one replica a budget would keep its node from ever being drained; raise replicaCount, or leave it at auto
{{- end }}
{{- if and $stay (not (hasSuffix "%" $stay)) (ge ($stay | int) $fewest) }}
podDisruptionBudget.minAvailable: {{ $stay }} of {{ $fewest }} pods must stay, so that no node could ever be drained; lower it, or give maxUnavailable instead
{{- end }}
{{- if eq $stay "100%" }}
podDisruptionBudget.minAvailable: 100% must stay, so that no node could ever be drained; lower it, or give maxUnavailable instead
{{- end }}
{{- if and (not $stay) (has $leave (list "" "0" "0%")) }}
podDisruptionBudget.maxUnavailable: `{{ $leave }}` lets no pod go, so that no node could ever be drained; 1 is right for most
{{- end }}
{{- end -}}
{{- end -}}

{{- define "composure.rules.scale" -}}
{{- if and .Values.autoscaling.enabled .Values.keda.enabled }}
autoscaling.enabled, keda.enabled: two scalers would pull at one Deployment; choose one
{{- end }}
{{- if and .Values.autoscaling.enabled (gt (int .Values.autoscaling.minReplicas) (int .Values.autoscaling.maxReplicas)) }}
autoscaling.minReplicas: {{ .Values.autoscaling.minReplicas }} is above maxReplicas, which is {{ .Values.autoscaling.maxReplicas }}
{{- end }}
{{- if and .Values.autoscaling.enabled (not (dig "requests" "cpu" "" .Values.resources)) }}
autoscaling.targetCPUUtilizationPercentage: it is a share of resources.requests.cpu, which is not set
{{- end }}
{{- if and .Values.keda.enabled (gt (int .Values.keda.minReplicas) (int .Values.keda.maxReplicas)) }}
keda.minReplicas: {{ .Values.keda.minReplicas }} is above maxReplicas, which is {{ .Values.keda.maxReplicas }}
{{- end }}
{{- if and .Values.keda.enabled (not .Values.keda.triggers) }}
keda.triggers: without one KEDA never scales; add a trigger
{{- end }}
{{- end -}}

{{- define "composure.rules.tls" -}}
{{- if and .Values.tls.existingSecret .Values.tls.certManager.enabled }}
tls.existingSecret, tls.certManager.enabled: the certificate comes from one of them; choose one
{{- end }}
{{- if and .Values.tls.certManager.enabled (not .Values.tls.certManager.issuerRef.name) }}
tls.certManager.issuerRef.name: cert-manager needs an issuer; name one
{{- end }}
{{- if and .Values.tls.clientCA.existingSecret (not (include "composure.tlsSecret" .)) }}
tls.clientCA.existingSecret: clients can be asked for certificates only over TLS; give tls.existingSecret or tls.certManager, too
{{- end }}
{{- end -}}

{{- define "composure.rules.auth" -}}
{{- $jwt := .Values.auth.jwt -}}
{{- $keys := or $jwt.jwks $jwt.existingConfigMap -}}
{{- if and (or $jwt.issuer $jwt.audience $keys) (not (and $jwt.issuer $jwt.audience $keys)) }}
auth.jwt: tokens are checked against an issuer, an audience and keys; give issuer, audience, and jwks or existingConfigMap
{{- end }}
{{- if and $jwt.jwks $jwt.existingConfigMap }}
auth.jwt.jwks, auth.jwt.existingConfigMap: the keys come from one of them; choose one
{{- end }}
{{- if and (default dict $jwt.ca).existingConfigMap (not $jwt.jwks) }}
auth.jwt.ca.existingConfigMap: it vouches for a URL of keys; give auth.jwt.jwks, or leave it out
{{- end }}
{{- if and .Values.otlpHeaders.existingSecret (not .Values.config.otlp.endpoint) }}
otlpHeaders.existingSecret: there is no collector to send headers to; give config.otlp.endpoint, too
{{- end }}
{{- if and .Values.config.otlp.metrics (not .Values.config.otlp.endpoint) }}
config.otlp.metrics: there is no collector to push metrics to; give config.otlp.endpoint, too
{{- end }}
{{- end -}}

{{- define "composure.rules.playbooks" -}}
{{- $places := list -}}
{{- range $place := list "inline" "existingConfigMap" "path" -}}
{{- if get $.Values.playbooks $place -}}{{- $places = append $places (printf "playbooks.%s" $place) -}}{{- end -}}
{{- end -}}
{{- if gt (len $places) 1 }}
{{ join ", " $places }}: playbooks come from one place; choose one
{{- end }}
{{- end -}}

{{- define "composure.rules.routes" -}}
{{- if eq (int .Values.ports.grpc) (int .Values.ports.admin) }}
ports.grpc, ports.admin: both are {{ .Values.ports.grpc }}, and each needs its own
{{- end }}
{{- if and .Values.grpcRoute.enabled (not .Values.grpcRoute.parentRefs) }}
grpcRoute.parentRefs: a route without a gateway leads nowhere; name one
{{- end }}
{{- if and .Values.ingress.enabled (not .Values.ingress.hosts) }}
ingress.hosts: gRPC has no path to share a host by; give at least one host name
{{- end }}
{{- end -}}

{{- define "composure.rules.conversations" -}}
{{- if and (eq (include "composure.store" .) "memory") (include "composure.several" .) }}
conversations.store: memory is one pod's own, and there may be several, which would not know each other's conversations; choose redis, or none, where each call brings its state
{{- end }}
{{- range $key, $default := dict "most" 100000 "bytes" 134217728 -}}
{{- $chosen := dig $key $default (default dict $.Values.conversations) -}}
{{- if and (ne (int64 $chosen) (int64 $default)) (ne (include "composure.store" $) "memory") }}
conversations.{{ $key }}: it bounds what a pod holds in its memory, and conversations are held elsewhere; leave it out, or choose memory in conversations.store
{{- end }}
{{- end -}}
{{- if and (ne (dig "ttl" "24h" (default dict .Values.conversations)) "24h") (eq (include "composure.store" .) "none") }}
conversations.ttl: no conversations are held; leave it out, or choose memory or redis in conversations.store
{{- end }}
{{- $bytes := dig "bytes" 0 (default dict .Values.conversations) | int64 -}}
{{- $limit := dig "limits" "memory" "" .Values.resources -}}
{{- with include "composure.bytes" $limit }}
{{- if and $bytes (eq (include "composure.store" $) "memory") (gt (add $bytes 67108864) (int64 .)) }}
conversations.bytes: {{ $bytes }} and the 64Mi that the server needs besides do not fit into resources.limits.memory, which is {{ $limit }}; raise that, or lower it
{{- end }}
{{- end }}
{{- end -}}

{{- define "composure.rules.redis" -}}
{{- $redis := default dict .Values.redis -}}
{{- $sentinel := eq (default "single" $redis.mode) "sentinel" -}}
{{- if eq (include "composure.store" .) "redis" }}
{{- if not $redis.addresses }}
redis.addresses: conversations are to be held in Redis, and nobody says where it is; give host:port
{{- end }}
{{- if and (eq (default "single" $redis.mode) "single") (gt (len (default list $redis.addresses)) 1) }}
redis.addresses: there are {{ len $redis.addresses }}, and redis.mode is single; give one, or choose sentinel or cluster
{{- end }}
{{- if and $sentinel (not $redis.master) }}
redis.master: sentinels watch a primary under a name; give it
{{- end }}
{{- if and $redis.master (not $sentinel) }}
redis.master: sentinels know it, and redis.mode is {{ default "single" $redis.mode }}; leave it out, or choose sentinel
{{- end }}
{{- if and (dig "tls" "existingSecret" "" $redis) (not (dig "tls" "enabled" false $redis)) }}
redis.tls.existingSecret: it serves for TLS, which is off; leave it out, or set redis.tls.enabled
{{- end }}
{{- if and $redis.username (not $redis.existingSecret) }}
redis.username: a user is only taken for one with a password; give redis.existingSecret, or leave it out
{{- end }}
{{- $patience := mul .Values.probes.startup.periodSeconds .Values.probes.startup.failureThreshold }}
{{- if lt $patience 10 }}
probes.startup: periodSeconds times failureThreshold is {{ $patience }} s, and a pod that does not reach Redis takes 5 s and a little more until it is ready; make it 10 s, or more
{{- end }}
{{- else }}
{{- if or (dig "tls" "enabled" false $redis) (dig "tls" "existingSecret" "" $redis) }}
redis.tls: conversations are held elsewhere; leave it out, or choose redis in conversations.store
{{- end }}
{{- range $key, $default := dict "mode" "single" "addresses" list "master" "" "username" "" "existingSecret" "" "timeout" "250ms" }}
{{- if ne (toJson (default $default (get $redis $key))) (toJson $default) }}
redis.{{ $key }}: conversations are held elsewhere; leave it out, or choose redis in conversations.store
{{- end }}
{{- end }}
{{- end }}
{{- end -}}

{{- define "composure.rules.tests" -}}
{{- if and .Values.tests.clientSecret (not (include "composure.tlsSecret" .)) }}
tests.clientSecret: it serves for TLS, which is off; leave it out, or give tls.existingSecret or tls.certManager
{{- end }}
{{- if and .Values.tests.credentialSecret (not (include "composure.authenticated" .)) }}
tests.credentialSecret: nobody asks for a credential; leave it out, or give auth.apiKeys or auth.jwt
{{- end }}
{{- end -}}
