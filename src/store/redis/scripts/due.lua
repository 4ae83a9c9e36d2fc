-- The first promises of an index between two places; those whose conversation has expired are dropped from it.
local index = KEYS[1]
local from, to, most, records = ARGV[1], ARGV[2], tonumber(ARGV[3]), ARGV[4]

local due = {}
while #due < most do
  local wanted = most - #due
  local page = redis.call('ZRANGEBYLEX', index, from, to, 'LIMIT', 0, wanted)
  for _, member in ipairs(page) do
    if is_held(member, records) then due[#due + 1] = member else redis.call('ZREM', index, member) end
  end
  if #page < wanted then break end
  from = '(' .. page[#page]
end
return due
