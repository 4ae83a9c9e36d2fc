-- What the other scripts share. A record begins with its stamp (8 bytes), its revision (4), and the length of the list of its open
-- promises (4), which follows; see value.rs.

-- The list of promises in the record at `key`, of which `head` is the beginning.
local function promises_of(key, head)
  if #head < 16 then return '' end
  local length = struct.unpack('>I4', head, 13)
  if length == 0 then return '' end
  return redis.call('GETRANGE', key, 16, 15 + length)
end

-- Members of the index for the promises in `list`, of a conversation whose sorted name is given.
local function members_of(list, conversation)
  local members, at, entry = {}, 1, nil
  while at <= #list do
    entry, at = struct.unpack('>I4c0', list, at)
    members[#members + 1] = string.sub(entry, 1, 8) .. conversation .. string.sub(entry, 9)
  end
  return members
end

-- Whether there still is the conversation that a member of the index is of; it may have expired.
local function is_held(member, records)
  local ends = string.find(member, '\0\1', 9, true)
  local conversation = string.gsub(string.sub(member, 9, ends - 1), '%z\255', '\0')
  return redis.call('EXISTS', records .. conversation) == 1
end
