-- What a chip's Lua has beside the modules: files that are run by name, print on the console, and code without debug
-- information after `node.stripdebug(3)`, which is what its heap then holds. Run once per boot.

local read, show, without_debug, compiling = fenceline_file, fenceline_print, strip, fenceline_compiling
fenceline_file, fenceline_print, strip, fenceline_compiling = nil, nil, nil, nil
local load_text, load_pieces = loadstring or load, load
if without_debug ~= nil then
  setfenv(without_debug, { loadstring = load_text, string = string, table = table, assert = assert })
end
local tostring, select, concat, error = tostring, select, table.concat, error
-- The default discards names of locals and upvalues; they stay here, for messages that say something.
local level = 2

local function kept(chunk, fault)
  if chunk == nil or level < 3 or without_debug == nil then return chunk, fault end
  return without_debug(chunk)
end

node.stripdebug = function(wanted)
  if wanted == nil then return level end
  level = wanted
end

print = function(...)
  local words = {}
  for at = 1, select('#', ...) do words[at] = tostring((select(at, ...))) end
  show(concat(words, '\t'))
end

-- What is being compiled still has debug information here, which NodeMCU drops function by function.
load = function(...)
  compiling(true)
  local chunk, fault = load_pieces(...)
  compiling(false)
  return kept(chunk, fault)
end
if loadstring ~= nil then loadstring = function(...) return kept(load_text(...)) end end

loadfile = function(name)
  local text = read(name)
  if text == nil then return nil, 'cannot open ' .. tostring(name) end
  return kept(load_text(text, '@' .. name))
end

dofile = function(name)
  local chunk, fault = loadfile(name)
  if chunk == nil then error(fault, 0) end
  return chunk()
end
