-- The Lua side of the crossing between the rig and an interpreter: one text each way, printable ASCII, so that an
-- interpreter whose texts end at a NUL or speak UTF-8 hands over every byte. What a letter means stands in crossing.ts.

local host = fenceline_host
fenceline_host = nil

local byte, char, find, format, gsub, sub = string.byte, string.char, string.find, string.format, string.gsub, string.sub
local concat, unpack, pcall, type, tonumber, error = table.concat, unpack or table.unpack, pcall, type, tonumber, error
local setmetatable, pairs, select, tostring, load = setmetatable, pairs, select, tostring, loadstring or load
local is_integer = math.type and function(value) return math.type(value) == 'integer' end
  or function(value) return value % 1 == 0 and value > -1e15 and value < 1e15 end

local held, last_held = {}, 0
local classes = {}
local call_host
-- What JSON's null becomes on a chip: an object of its own.
local null = fenceline_null or newproxy()
fenceline_null = nil

local function escape(one) return format('\\%02x', byte(one)) end
local function unescape(two) return char(tonumber(two, 16)) end

local function encode(value, out)
  local kind = type(value)
  if value == nil then out[#out + 1] = 'z'
  elseif value == null then out[#out + 1] = 'u'
  elseif kind == 'boolean' then out[#out + 1] = value and 't' or 'f'
  elseif kind == 'number' then out[#out + 1] = 'n' .. (is_integer(value) and format('%d', value) or format('%.17g', value)) .. ';'
  elseif kind == 'string' then out[#out + 1] = 's' .. gsub(value, '[^ !-:<-%[%]-~]', escape) .. ';'
  elseif kind == 'function' then
    last_held = last_held + 1
    held[last_held] = value
    out[#out + 1] = 'l' .. last_held .. ';'
  elseif kind == 'table' and value[null] then out[#out + 1] = 'o' .. value[null] .. ';'
  elseif kind == 'table' then
    out[#out + 1] = '{'
    for key, item in pairs(value) do
      encode(key, out)
      encode(item, out)
    end
    out[#out + 1] = '}'
  else error('a ' .. kind .. ' cannot cross') end
end

local function encode_all(from, ...)
  local out = {}
  for at = from, select('#', ...) do encode((select(at, ...)), out) end
  return concat(out)
end

-- A method is looked up once per class and name; an object is a table with nothing but its number.
local function class_named(name)
  local class = classes[name]
  if class == nil then
    class = {}
    class.__index = setmetatable({}, { __index = function(methods, method)
      local call = function(self, ...) return call_host('m' .. self[null] .. ';' .. method .. ';' .. encode_all(1, ...)) end
      methods[method] = call
      return call
    end })
    classes[name] = class
  end
  return class
end

local objects = setmetatable({}, { __mode = 'v' })

local function decode(text, at)
  local kind = sub(text, at, at)
  if kind == 'z' then return nil, at + 1 end
  if kind == 'u' then return null, at + 1 end
  if kind == 't' then return true, at + 1 end
  if kind == 'f' then return false, at + 1 end
  if kind == '{' then
    local result, key, item = {}, nil, nil
    at = at + 1
    while sub(text, at, at) ~= '}' do
      key, at = decode(text, at)
      item, at = decode(text, at)
      result[key] = item
    end
    return result, at + 1
  end
  local stop = find(text, ';', at, true)
  local body = sub(text, at + 1, stop - 1)
  if kind == 'n' then return tonumber(body), stop + 1 end
  if kind == 's' then return (gsub(body, '\\(%x%x)', unescape)), stop + 1 end
  if kind == 'l' then return held[tonumber(body)], stop + 1 end
  if kind == 'h' then return function(...) return call_host('c' .. body .. ';' .. encode_all(1, ...)) end, stop + 1 end
  if kind == 'o' then
    local dot = find(body, '.', 1, true)
    local number = tonumber(sub(body, 1, dot - 1))
    local object = objects[number]
    if object == nil then
      object = setmetatable({ [null] = number }, class_named(sub(body, dot + 1)))
      objects[number] = object
    end
    return object, stop + 1
  end
  error('crossing: ' .. kind .. ' means nothing')
end

local function decode_all(text, at)
  local values, count = {}, 0
  while at <= #text do
    count = count + 1
    values[count], at = decode(text, at)
  end
  return values, count
end

call_host = function(text)
  local answer = host(text)
  -- As the chip's own modules say it: with the place in Lua that called.
  if sub(answer, 1, 1) == '!' then error((decode(answer, 2)), 3) end
  local values, count = decode_all(answer, 2)
  return unpack(values, 1, count)
end

local function answer(is_well, ...)
  if is_well then return 'v' .. encode_all(1, ...) end
  return '!' .. encode_all(1, tostring((...)))
end

function fenceline_enter(text)
  local what = sub(text, 1, 1)
  if what == 'r' then held[tonumber(sub(text, 2))] = nil return 'v' end
  local values, count = decode_all(text, 2)
  if what == 'g' then _G[values[1]] = values[2] return 'v' end
  if what == 'x' then
    local chunk, fault = load(values[1], values[2])
    if chunk == nil then return answer(false, fault) end
    return answer(pcall(chunk))
  end
  if values[1] == nil then return answer(false, 'this function has been let go') end
  return answer(pcall(values[1], unpack(values, 2, count)))
end
