import { assertEquals } from "@std/assert";
import { joinLines, toScript, toShortScript, unindent } from "../../lib/http/plain_script.ts";

Deno.test("toScript() keeps every line in its place", () => {
  const source = `type A = {\n  a: number;\n};\n/** Says. */\nexport const a: A = { a: 1 };\n`;
  const script = toScript(source).split("\n");
  assertEquals(script.length, source.split("\n").length);
  assertEquals(script[4].replace(/ +/g, " "), "export const a = { a: 1 };");
});

Deno.test("toShortScript() leaves out comments, and the room of types", () => {
  const source =
    `/**\n * Says.\n */\nexport function a<T extends string>(b: Map<string, T>, c?: T): T | undefined {\n` +
    `  // Why.\n  return b.get(c!) as T; // At the end.\n}\n`;
  assertEquals(
    toShortScript(source),
    `export function a(b, c) {\n  return b.get(c);\n}\n`,
  );
});

Deno.test("toShortScript() leaves texts as they are", () => {
  const source = `const a: string = "x  ;  y" as string;\nconst b = \`  \${a as string}  ;\`;\n`;
  assertEquals(toShortScript(source), `const a = "x  ;  y";\nconst b = \`  \${a }  ;\`;\n`);
  const address = `const a = "http://a"; // It stays.\n`;
  assertEquals(toShortScript(address), address);
  const long = "const text: string = `\n  // no comment\n  two  ;\n`;\n";
  assertEquals(toShortScript(long), "const text = `\n  // no comment\n  two  ;\n`;\n");
  assertEquals(unindent(toShortScript(long)), toShortScript(long));
});

Deno.test("toShortScript() never joins what must stay apart", () => {
  const source =
    `class A {\n  declare readonly a: number;\n  override toString(): string {\n    return "a";\n  }\n}\n` +
    `let b: string\nlet c = b! as unknown\nfor (const d of [c] as string[]) d\n` +
    `const e = (f: number): f is 1 => f === 1\nconst g = <T,>(h: T) => h\nconst i = async (\n): Promise<void> => {}\n`;
  const short = toShortScript(source);
  new Function(short); // Throws unless it is a script.
  assertEquals(unindent(short).replaceAll(";", "").split("\n").slice(-8), [
    "let b",
    "let c = b",
    "for (const d of [c]) d",
    "const e = (f) => f === 1",
    "const g =(h) => h",
    "const i = async (",
    ") => {}",
    "",
  ]);
});

Deno.test("unindent() takes out blanks at both ends of lines, and empty lines", () => {
  assertEquals(unindent("if (a) {\n  b();  \n\n\n  c();\n}\n"), "if (a) {\nb();\nc();\n}\n");
});

Deno.test("joinLines() joins what goes on anyway, and nothing behind a comment", () => {
  const script =
    'f(\na,\n[\n"b",\n],\n);\nif (a) {\ng();\n}\nconst url = "https://x",\nb = c\nh(1, // why,\n2);\n';
  const short = 'f(a,["b"\n]\n);if (a) {g();}\nconst url = "https://x",\nb = c\nh(1, // why,\n2);';
  assertEquals(joinLines(script), short);
  const long = "const text = `a,\nb`;\n";
  assertEquals(joinLines(long), long);
});
