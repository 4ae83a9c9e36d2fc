-- Writes a record if what it replaces is what is there: 1 if it is written, else what is there.
local record, index = KEYS[1], KEYS[2]
local replaces, new, lasts = ARGV[1], ARGV[2], tonumber(ARGV[3])
local conversation, records, channel, change = ARGV[4], ARGV[5], ARGV[6], ARGV[7]

local head = redis.call('GETRANGE', record, 0, 15)
local stamp = string.sub(head, 1, 8)
if stamp == string.sub(new, 1, 8) then return 1 end -- It came before, and the answer was lost.
if stamp ~= replaces then return redis.call('GET', record) end

local before = members_of(promises_of(record, head), conversation)
-- First of all writes: where memory is full it fails, and nothing was changed.
redis.call('SET', record, new, 'PX', lasts)
local after = members_of(promises_of(record, string.sub(new, 1, 16)), conversation)
for _, member in ipairs(before) do redis.call('ZREM', index, member) end
for _, member in ipairs(after) do redis.call('ZADD', index, 0, member) end

if #after > 0 then
  -- One more than came, so that the index can't fill up with what has expired.
  for _, member in ipairs(redis.call('ZRANGEBYLEX', index, '-', '+', 'LIMIT', 0, #after + 1)) do
    if not is_held(member, records) then redis.call('ZREM', index, member) end
  end
  if redis.call('PTTL', index) < lasts then redis.call('PEXPIRE', index, lasts) end
end
redis.call('PUBLISH', channel, change)
return 1
