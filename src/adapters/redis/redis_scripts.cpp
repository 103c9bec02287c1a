// What is kept for a user is one hash. A place is a field "node:id" with the value "active:until", a presence mark a field "node" with
// the value "until". Both count only while `until` is in the future; the whole key ends with the latest lease.
#include "adapters/redis/redis_scripts.hpp"

namespace cariosan::redis {
namespace {

/// Precedes every script. Lua prints large numbers as 1.7e+15, hence `digits`.
constexpr const char* kCommon = R"lua(
local now = tonumber(ARGV[1])
if not now then
  local time = redis.call('TIME')
  now = time[1] * 1000000 + time[2]
end
local function digits(number) return string.format('%.0f', number) end
local function expire(key, microseconds) redis.call('PEXPIRE', key, math.max(1, math.ceil(microseconds / 1000))) end
local function is_present(key)
  for _, value in ipairs(redis.call('HVALS', key)) do
    if tonumber(string.match(value, '(-?%d+)$')) > now then return 1 end
  end
  return 0
end
)lua";

// KEYS: the user. ARGV: now, node, id, most, silent enough, silent for, lease, what begins the keys of places given away.
constexpr const char* kConnect = R"lua(
local mine = ARGV[2] .. ':' .. ARGV[3]
local entries = redis.call('HGETALL', KEYS[1])
local places, is_known, quietest, quiet_since = 0, false, nil, nil
for i = 1, #entries, 2 do
  local field = entries[i]
  local active, ends = string.match(entries[i + 1], '^(-?%d+):(-?%d+)$')
  if tonumber(ends or entries[i + 1]) <= now then
    redis.call('HDEL', KEYS[1], field)
  elseif active then
    places = places + 1
    is_known = is_known or field == mine
    active = tonumber(active)
    if not quiet_since or active < quiet_since then quietest, quiet_since = field, active end
  end
end
if not is_known and places >= tonumber(ARGV[4]) then
  if not quietest or now - quiet_since <= tonumber(ARGV[5]) then return 0 end
  redis.call('HDEL', KEYS[1], quietest)
  local node, id = string.match(quietest, '^(%x+):(%d+)$')
  redis.call('RPUSH', ARGV[8] .. node, id)
  expire(ARGV[8] .. node, 2 * ARGV[7])
end
redis.call('HSET', KEYS[1], mine, digits(now - ARGV[6]) .. ':' .. digits(now + ARGV[7]))
expire(KEYS[1], ARGV[7])
return 1
)lua";

// KEYS: the user of each connection. ARGV: now, node, lease, key of the places given away, then the id of each.
constexpr const char* kDisconnect = R"lua(
for i = 1, #KEYS do
  local id = ARGV[4 + i]
  redis.call('LREM', ARGV[4], 0, id)
  if redis.call('HDEL', KEYS[i], ARGV[2] .. ':' .. id) == 1 then
    redis.call('HSET', KEYS[i], ARGV[2], digits(now + ARGV[3]))
    expire(KEYS[i], ARGV[3])
  end
end
return 1
)lua";

// KEYS: the user of each connection. ARGV: now, node, lease, key of the places given away, then id and silent for of each.
constexpr const char* kRenew = R"lua(
local gone = {}
for _, id in ipairs(redis.call('LRANGE', ARGV[4], 0, -1)) do gone[id] = true end
for i = 1, #KEYS do
  local id, silent = ARGV[3 + 2 * i], ARGV[4 + 2 * i]
  if not gone[id] then
    redis.call('HSET', KEYS[i], ARGV[2] .. ':' .. id, digits(now - silent) .. ':' .. digits(now + ARGV[3]))
    expire(KEYS[i], ARGV[3])
  end
end
return 1
)lua";

// KEYS: key of the places given away.
constexpr const char* kGaveWay = R"lua(
local gone = redis.call('LRANGE', KEYS[1], 0, -1)
redis.call('DEL', KEYS[1])
return gone
)lua";

// KEYS: users. ARGV: now, node.
constexpr const char* kAbsent = R"lua(
local out = {}
for i = 1, #KEYS do
  redis.call('HDEL', KEYS[i], ARGV[2])
  out[i] = is_present(KEYS[i])
end
return out
)lua";

// KEYS: users. ARGV: now.
constexpr const char* kPresent = R"lua(
local out = {}
for i = 1, #KEYS do out[i] = is_present(KEYS[i]) end
return out
)lua";

// KEYS: buckets, each holding when it is full. ARGV: now, then by how much each is delayed.
constexpr const char* kTake = R"lua(
local out = {}
for i = 1, #KEYS do
  local full = math.max(tonumber(redis.call('GET', KEYS[i]) or 0), now) + ARGV[1 + i]
  if full > now then
    redis.call('SET', KEYS[i], digits(full))
    expire(KEYS[i], full - now)
  else
    redis.call('DEL', KEYS[i])
  end
  out[i] = full - now
end
return out
)lua";

// KEYS: what is counted. ARGV: now, node, most, then which, age and window of each mark. A list of "node:which:at:until" in order of
// arrival; at most twice `most`, so that a node's own marks do not crowd out those of the others.
constexpr const char* kMark = R"lua(
local out = {}
for i = 1, #KEYS do
  local which, at = ARGV[1 + 3 * i], now - ARGV[2 + 3 * i]
  local kept, has_changed, is_known, longest = {}, false, false, 0
  local function keep(entry, node, number, set_at, ends)
    kept[#kept + 1] = {entry, node, number, set_at}
    longest = math.max(longest, ends - now)
  end
  for _, entry in ipairs(redis.call('LRANGE', KEYS[i], 0, -1)) do
    local node, number, set_at, ends = string.match(entry, '^(%x+):(%d+):(-?%d+):(-?%d+)$')
    if tonumber(ends) <= now then
      has_changed = true
    else
      keep(entry, node, number, tonumber(set_at), tonumber(ends))
      is_known = is_known or (node == ARGV[2] and number == which)
    end
  end
  if not is_known then
    local ends = at + ARGV[3 + 3 * i]
    local entry = table.concat({ARGV[2], which, digits(at), digits(ends)}, ':')
    keep(entry, ARGV[2], which, at, ends)
    if not has_changed then redis.call('RPUSH', KEYS[i], entry) end
  end
  if #kept > 2 * ARGV[3] then
    table.remove(kept, 1)
    has_changed = true
  end
  if has_changed then
    redis.call('DEL', KEYS[i])
    for _, each in ipairs(kept) do redis.call('RPUSH', KEYS[i], each[1]) end
  end
  expire(KEYS[i], longest)
  local others = {}
  for k = #kept, 1, -1 do
    if kept[k][2] ~= ARGV[2] and #others < 2 * ARGV[3] then
      others[#others + 1] = kept[k][3]
      others[#others + 1] = now - kept[k][4]
    end
  end
  out[i] = others
end
return out
)lua";

// KEYS: users. ARGV: now, node.
constexpr const char* kLeave = R"lua(
local places = ARGV[2] .. ':'
for i = 1, #KEYS do
  for _, field in ipairs(redis.call('HKEYS', KEYS[i])) do
    if field == ARGV[2] or string.sub(field, 1, #places) == places then redis.call('HDEL', KEYS[i], field) end
  end
end
return 1
)lua";

}  // namespace

std::vector<std::string> script_texts() {
    std::vector<std::string> texts;
    for (const char* script : {kConnect, kDisconnect, kRenew, kGaveWay, kAbsent, kPresent, kTake, kMark, kLeave}) {
        texts.push_back(std::string(kCommon) + script);
    }
    return texts;
}

}  // namespace cariosan::redis
