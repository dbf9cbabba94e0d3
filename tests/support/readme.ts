/** The path of a file of the repository. */
export function repoFile(path: string): string {
  return new URL(`../../${path}`, import.meta.url).pathname;
}

/** The blocks of code in a language that stand behind some words of the README and before its next heading. */
export async function readmeBlocks(words: string, language: "ts" | "sh"): Promise<string[]> {
  const text = await Deno.readTextFile(repoFile("README.md"));
  const start = text.indexOf(words);
  if (start < 0) throw new Error(`The README does not say "${words}"`);
  const end = text.indexOf("\n## ", start + words.length);
  const section = text.slice(start, end < 0 ? undefined : end);
  return [...section.matchAll(/^```(\w+)\n(.*?)^```$/gms)].filter(([, tag]) => tag === language).map((
    [, , code],
  ) => code);
}

/** The rights that a user of Redis needs, in the words of `ACL SETUSER`. */
export async function readmeRights(): Promise<string[]> {
  const text = await Deno.readTextFile(repoFile("README.md"));
  const rights = /^- \*\*Rights\*\*: `([^`]+)`/m.exec(text);
  if (rights === null) throw new Error("The README does not say which rights a user of Redis needs");
  return rights[1].split(" ");
}
