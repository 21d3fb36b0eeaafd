-- What a chip's Lua has beside the modules: files that are run by name, and print on the console. Set once per boot.

local read, show = fenceline_file, fenceline_print
fenceline_file, fenceline_print = nil, nil
local load, tostring, select, concat, error = loadstring or load, tostring, select, table.concat, error

print = function(...)
  local words = {}
  for at = 1, select('#', ...) do words[at] = tostring((select(at, ...))) end
  show(concat(words, '\t'))
end

loadfile = function(name)
  local text = read(name)
  if text == nil then return nil, 'cannot open ' .. name end
  return load(text, '@' .. name)
end

dofile = function(name)
  local chunk, fault = loadfile(name)
  if chunk == nil then error(fault, 0) end
  return chunk()
end
