-- The same function without debug information: source name, line numbers, names of local variables and upvalues. NodeMCU
-- drops them when it compiles (`node.stripdebug(3)`); stock Lua 5.1 has no switch for it, so the binary chunk is rewritten.
-- A binary chunk of Lua 5.1 (ldump.c), on a 32-bit machine: a header of 12 bytes that tells the sizes, then one function:
--   source | line, last line | upvalues, parameters, is_vararg, stack (a byte each) | code | constants | functions | lines |
--   locals | upvalue names; each list behind its length, each text behind its length with its NUL, 0 for none.
function strip(whole)
  local bytes = string.dump(whole)
  local int, size, instruction, number = string.byte(bytes, 8, 11)
  local at = 13
  local kept = { string.sub(bytes, 1, 12) }

  local function keep(length)
    kept[#kept + 1] = string.sub(bytes, at, at + length - 1)
    at = at + length
  end
  local function word(place)
    local a, b, c, d = string.byte(bytes, place, place + 3)
    return a + b * 256 + c * 65536 + d * 16777216
  end
  local function nothing(width) kept[#kept + 1] = string.rep('\0', width) end
  local function skip_text() at = at + size + word(at) end

  local function constant()
    local kind = string.byte(bytes, at)
    keep(1)
    if kind == 1 then keep(1) elseif kind == 3 then keep(number) elseif kind == 4 then keep(size + word(at)) end
  end

  local function rewrite()
    skip_text()
    nothing(size)
    keep(2 * int + 4)
    keep(int + word(at) * instruction)
    local constants = word(at)
    keep(int)
    for _ = 1, constants do constant() end
    local functions = word(at)
    keep(int)
    for _ = 1, functions do rewrite() end
    at = at + int + word(at) * int
    local locals = word(at)
    at = at + int
    for _ = 1, locals do
      skip_text()
      at = at + 2 * int
    end
    local upvalues = word(at)
    at = at + int
    for _ = 1, upvalues do skip_text() end
    nothing(3 * int)
  end

  rewrite()
  return assert(loadstring(table.concat(kept)))
end
