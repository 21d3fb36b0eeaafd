-- A chip on which nothing happens: every NodeMCU module takes every call and keeps what it was handed, as the chip's
-- own would (callbacks stay in the heap), so that the heap of a started firmware can be weighed. Written for the build
-- alone; behaviour is tested on the mocks in test-rigs.

local kept = {}

-- Lua doubles its table of texts as they become many: with these it is as large before as after, and not weighed by chance.
local texts_in_force = {}
for index = 1, 1500 do texts_in_force[index] = 'text ' .. index end

local function note(...)
  for index = 1, select('#', ...) do
    local value = select(index, ...)
    if type(value) == 'function' then kept[#kept + 1] = value end
  end
end

-- Its functions are made here, and none is made for a name that the firmware asks for: on a chip they are in flash, and the
-- names alone are in the heap.
local function quiet(answers)
  local calls = {}
  for name, answer in pairs(answers or {}) do
    calls[name] = function(...)
      note(...)
      if type(answer) == 'function' then return answer(...) end
      return answer
    end
  end
  return setmetatable({}, {
    __index = function(_, name)
      if string.match(name, '^[A-Z_0-9]+$') then return 0 end
      return calls[name] or note
    end,
  })
end

local one = quiet()
local function objects() return one end

-- node.lua, from which the core reads its sections.
local function sections_file()
  local at = 0
  return quiet({
    seek = function(_, _, place) at = place end,
    read = function(_, most)
      local text = string.sub(node_text, at + 1, at + most)
      at = at + most
      return text
    end,
  })
end

local configuration = { version = 1, node = 'esp-7f3a12', password = 'a-password', wifi = { 'network', 'a-network-key' },
  gateway = { '10.42.0.1', 1883 }, tls = false, sensor = 'plantower', adc = 'loop', period = 60 }

local texts = { ['node.json'] = '{}' }

tmr = quiet({ create = objects, now = 0, time = 0, ccount = 0 })
mqtt = quiet({ Client = objects })
wifi = quiet({ getmode = 1 })
wifi.sta = quiet({})
wifi.eventmon = quiet({})
uart = quiet({})
gpio = quiet({})
adc = quiet({ read = 512 })
rtcmem = quiet({ read32 = 0 })
time = quiet({})
node = quiet({ chipid = function() return chip_identity end, heap = 40000, random = 1, bootreason = function() return 1, 0 end,
  uptime = function() return 0, 0 end })
file = quiet({
  exists = function(name) return texts[name] ~= nil end,
  getcontents = function(name) return texts[name] end,
  putcontents = true, rename = true, list = function() return { ['node.json'] = 2 } end,
  fsinfo = function() return 1000000, 1000, 1001000 end,
  open = function(name, mode)
    if name == 'node.lua' then return sections_file() end
    if mode ~= nil and string.sub(mode, 1, 1) ~= 'r' then return quiet({ write = true }) end
    local text = texts[name]
    if text == nil then return nil end
    return quiet({ seek = function(_, _, place) return place end, read = function() local once = text; text = nil; return once end })
  end,
})
io = { open = file.open }
sjson = quiet({ decode = function() return configuration end, encode = '{}' })
print = function() end

local function count()
  collectgarbage('collect')
  collectgarbage('collect')
  return collectgarbage('count') * 1024
end

-- What the firmware compiles itself loses its debug information as well.
local plain_load = load
load = function(piece)
  local chunk, fault = plain_load(piece)
  if chunk == nil then error(fault, 0) end
  return strip(chunk)
end

local function load_text(name, text)
  local chunk, fault = loadstring(text, '=' .. name)
  if chunk == nil then error(fault, 0) end
  return strip(chunk)
end

local function start(shared, chip)
  -- As in init.lua, nothing holds on to what either file gave.
  shared().start(chip().hardware(), 'node.lua')
end

-- Bytes of heap as loaded and once started, as text. The texts of both files are globals, set before.
function weigh()
  -- The chip id is a number on ESP8266 and a text on ESP32.
  chip_identity = chip_name == 'esp32' and '0x1818fe346a88' or 8338962
  -- Once through, so that what the interpreter and the modules set up on first use is not counted: a chip has it in flash.
  start(load_text('node.lua', node_text), load_text(chip_name .. '.lua', chip_text))
  kept = {}
  local before = count()
  local shared, chip = load_text('node.lua', node_text), load_text(chip_name .. '.lua', chip_text)
  local code = count() - before
  start(shared, chip)
  shared, chip = nil, nil
  return string.format('%d %d', code, count() - before)
end
