/*
 * What is typed on a NodeMCU console (nodemcu-firmware, app/driver/input.c): a line of at most 255 characters, each of
 * them echoed; a longer one is cut and its beginning lost. While Lua runs, 256 bytes of what comes are kept (RX_BUFF_SIZE)
 * and the rest is lost, so nothing is sent before the answer to the last line is there.
 *
 * Every line is a call of U.r with a number, an Adler-32 of what follows, Lua text, and data:
 *   U.r(17,"40961.1530","return U.w(96,...)","print(\0341\034)")
 * and is answered by one line with the number, how it went, and an Adler-32 of the result:
 *   #17 ok 6881290.151 112#
 * A line that was damaged on its way does nothing; one that is said again because its answer was lost does no harm.
 */

/** Longest line that is typed, without its end. */
export const longestLine = 240;
/** Longest line that carries a piece of a file: what fits into the receive buffer even when nobody takes it out. */
export const longestPiece = 200;

/** A Lua string of these characters, 0 to 255 each. A number sign is escaped: it begins and ends answers. */
export function quoted(text: string): string {
  return `"${text.replace(/[^ !$-[\]-~]/g, (character) => `\\${String(character.charCodeAt(0)).padStart(3, '0')}`)}"`;
}

/** Typed as they are, before there is a U.r. The sum, what prints an answer, and what checks and runs a line. */
export const firstLines: readonly string[] = [
  'U={a=function(s,a,b)for i=1,#s do a=(a+s:byte(i))%65521 b=(b+a)%65521 end return a,b end}',
  'U.s=function(s)local a,b=U.a(s,1,0)return b.."."..a end',
  'U.p=function(n,k,v)v=tostring(v)print("#"..n.." "..k.." "..U.s(v).." "..v.."#")end',
  'U.r=function(n,c,t,d)if U.s(t..d)~=c then return U.p(n,"sum",0)end local o,v=pcall((loadstring or load)(t),d)U.p(n,o and"ok"or"no",v)end',
];

/**
 * What the uploader needs on the node. NodeMCU for ESP32 has no file.open any more: contents go through Lua's own io
 * (nodemcu.readthedocs.io/en/dev-esp32/modules/file), whose handles have the same methods.
 */
export const moreLines: readonly string[] = [
  'U.o=file.open or io.open',
  'function U.e()if U.f then U.f:close()U.f=nil end end',
  // Begins or goes on writing a file from a place that the other side knows to be its end.
  'function U.b(n,m,p)U.e()U.f=U.o(n,m)U.n=p if not U.f then error("no "..n)end return p end',
  // A piece of a file at a place, unless it is there; tells where the next one goes.
  'function U.w(p,d)if p==U.n then if not U.f:write(d)then return"full"end U.n=p+#d end return U.n end',
  // Length and sum of a file.
  'function U.c(n)local p,a,b=0,1,0 local f=U.o(n,"r")if not f then return"absent"end U.q=f return U.d(p,a,b)end',
  'function U.d(p,a,b)local s=U.q:read(128)while s do a,b=U.a(s,a,b)p=p+#s s=U.q:read(128)end U.q:close()return p.." "..b.."."..a end',
  // A piece of a file, in hexadecimal.
  'function U.g(n,p,l)local f=U.o(n,"r")f:seek("set",p)local s=f:read(l)or""f:close()return(s:gsub(".",U.h))end',
  'function U.h(c)return("%02x"):format(c:byte())end',
  // A new file takes the place of the old one, which is kept beside it.
  'function U.m(n)local w,o=n..".new",n..".old"if file.exists(w)then file.remove(o)file.rename(n,o)file.rename(w,n)end return file.exists(n)end',
  'function U.l()local t={}for k,v in pairs(file.list())do t[#t+1]=k.." "..v end return table.concat(t,"/")end',
];

/** Modules of a NodeMCU image without which the firmware does not run (edge/node/README.md). */
export const modulesNeeded = {
  esp8266: ['adc', 'file', 'gpio', 'mqtt', 'node', 'sjson', 'tmr', 'uart', 'wifi'],
  esp32: ['adc', 'file', 'gpio', 'mqtt', 'node', 'sjson', 'tmr', 'uart', 'wifi'],
} as const;
