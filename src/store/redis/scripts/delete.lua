-- Forgets a record and its promises: 1 if there was one, else 0.
local record, index = KEYS[1], KEYS[2]
local conversation, channel, change = ARGV[1], ARGV[2], ARGV[3]

-- Also where there is nothing: a replica may know of something that it could not write.
redis.call('PUBLISH', channel, change)
local head = redis.call('GETRANGE', record, 0, 15)
if head == '' then return 0 end
for _, member in ipairs(members_of(promises_of(record, head), conversation)) do redis.call('ZREM', index, member) end
redis.call('DEL', record)
return 1
