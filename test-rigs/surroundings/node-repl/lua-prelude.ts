/**
 * The modules of NodeMCU that a console needs, in Lua over a disk that outlives the interpreter. `disk_*`, `out` and
 * `restart_chip` come from outside; contents pass in hexadecimal, since the interpreter's strings end at NUL outside.
 *
 * file: nodemcu.readthedocs.io/en/release/modules/file. Renaming onto a name that exists fails (SPIFFS).
 */
export const prelude = `
local function hex(s) return (s:gsub(".", function(c) return ("%02x"):format(c:byte()) end)) end
local function raw(s) return (s:gsub("..", function(h) return string.char(tonumber(h, 16)) end)) end
function print(...)
  local t = {}
  for i = 1, select("#", ...) do t[i] = tostring((select(i, ...))) end
  out(table.concat(t, "\\t") .. "\\n")
end
file = {}
function file.exists(n) return disk_get(n) ~= "none" end
function file.remove(n) disk_remove(n) end
function file.rename(a, b)
  if not file.exists(a) or file.exists(b) then return false end
  disk_put(b, disk_get(a)) disk_remove(a) return true
end
function file.list()
  local t = {}
  for n, size in disk_names():gmatch("([^/ ]+) (%d+)") do t[n] = tonumber(size) end
  return t
end
function file.fsinfo() local used = disk_used() return disk_size - used, used, disk_size end
local function open(n, m)
  local c, at = disk_get(n), 0
  m = m or "r"
  if c == "none" then if m:sub(1, 1) == "r" then return nil end c = "" disk_put(n, "") end
  if m:sub(1, 1) == "w" then c = "" disk_put(n, "") end
  local f = {}
  function f.read(_, l)
    local piece = c:sub(2 * at + 1, 2 * (at + l))
    if piece == "" then return nil end
    at = at + #piece / 2
    return raw(piece)
  end
  function f.write(_, s)
    if disk_used() + #s > disk_size then return nil end
    c = c .. hex(s) disk_put(n, c) return true
  end
  function f.seek(_, _, to) at = to return to end
  function f.close() end
  return f
end
if is_esp32 then io = { open = open } loadstring = nil
  load = load_text
else file.open = open end
node = {
  restart = function() restart_chip() end,
  chipid = function() return is_esp32 and "0x1818fe346a88" or 8338962 end,
}
for _, n in ipairs { "adc", "gpio", "mqtt", "net", "rtcmem", "rtctime", "sjson", "time", "tmr", "wifi" } do _G[n] = {} end
uart = {}
if not is_esp32 then function uart.alt() end io = nil end
for n in modules_missing:gmatch("%a+") do _G[n] = nil end
`;
