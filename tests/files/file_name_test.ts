import { assertEquals } from "@std/assert";
import { cleanFileName } from "../../lib/files/file_name.ts";

Deno.test("a file name is one segment that reads as it is", () => {
  const names: Record<string, string> = {
    "photo.jpg": "photo.jpg",
    "日本 語.txt": "日本 語.txt",
    "👩‍👩‍👧.png": "👩‍👩‍👧.png",
    "../../etc/passwd": "passwd",
    "..\\..\\boot.ini": "boot.ini",
    "/etc/": "etc",
    "..": "file",
    ".": "file",
    "../..": "file",
    "/": "file",
    "   ": "file",
    ".bashrc": ".bashrc",
    "evil\u202egpj.exe": "evilgpj.exe",
    "a\u200bb\ufeff.txt": "ab.txt",
    "setup.exe. . ": "setup.exe",
    " a.txt ": "a.txt",
  };
  for (const [name, clean] of Object.entries(names)) assertEquals(cleanFileName(name), clean, name);
});
