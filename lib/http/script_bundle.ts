import { joinLines, unindent } from "./plain_script.ts";
import { shortenPrivateNames } from "./private_names.ts";

/** Gives what a file holds by its path, like `/app/main.ts`. */
export type ReadText = (path: string) => Promise<string>;

/** A module in the bundle. */
interface Module {
  /** What its exports are known by in the bundle. */
  readonly name: string;
  readonly exports: ReadonlySet<string>;
}

const IMPORT = /^import\s*\{([^}]*)\}\s*from\s*"(\.[^"]+)";?$/gm;
const EXPORT_FROM = /^export\s*\{([^}]*)\}\s*from\s*"(\.[^"]+)";?$/gm;
const EXPORT_LIST = /^export\s*\{([^}]*)\};?$/gm;
const EXPORT_HERE = /^export\s+((?:async\s+)?function\*?\s*|class\s+|const\s+)([\w$]+)/gm;
const LATE_IMPORT = /\bimport\("(\.[^"]+)"\)/g;
/** What cannot be put into a scope: other imports, other exports, and waiting. */
const LEFT_OVER = /^(?:import\b(?!\s*\()|export\b).*/m;
const WAITING = /^(?:(?:const|let)\b.*=\s*)?await\b.*/m;

/**
 * Puts a module and all it imports into one script: each in a scope of its own, after those it needs. It understands
 * named imports and exports, which is all the page uses, and refuses everything else.
 */
export class ScriptBundle {
  readonly #read: ReadText;
  readonly #linkTo: (path: string) => Promise<string>;
  readonly #modules = new Map<string, Module>();
  readonly #parts: string[] = [];

  /** `linkTo` gives the address of a module that is imported only when it is needed. */
  constructor(read: ReadText, linkTo: (path: string) => Promise<string>) {
    this.#read = read;
    this.#linkTo = linkTo;
  }

  /** Gives the script that does what the module at this path does; throws an `Error` if it cannot be made. */
  async make(entrance: string): Promise<string> {
    const { code, exports } = await this.#take(entrance, []);
    return [...this.#parts, code, ...writeExports(exports)].join("\n");
  }

  async #add(path: string, way: readonly string[]): Promise<Module> {
    if (way.includes(path)) throw new Error(`Cannot bundle ${path}: it imports itself`);
    let module = this.#modules.get(path);
    if (module === undefined) {
      const { code, exports } = await this.#take(path, way);
      module = { name: `$m${this.#modules.size}`, exports: new Set(exports.map(([name]) => name)) };
      this.#modules.set(path, module);
      const told = exports.map(([name, value]) => name === value ? name : `${name}: ${value}`).join(", ");
      this.#parts.push(`const ${module.name} = (() => {\n${code}\nreturn { ${told} };\n})();`);
    }
    return module;
  }

  /** Gives a module's code without imports and exports, and its exports with what they stand for in it. */
  async #take(path: string, way: readonly string[]) {
    const exports: [name: string, value: string][] = [];
    const inside = [...way, path];
    let code = await this.#read(path);
    code = await replace(code, IMPORT, async ([, list, from]) => {
      const names = readNames(list);
      const module = await this.#add(resolve(path, from), inside);
      mustExport(path, from, module, names);
      const wanted = names.map(({ name, as }) => name === as ? name : `${name}: ${as}`);
      return names.length === 0 ? "" : `const { ${wanted.join(", ")} } = ${module.name};`;
    });
    code = await replace(code, EXPORT_FROM, async ([, list, from]) => {
      const names = readNames(list);
      const module = await this.#add(resolve(path, from), inside);
      mustExport(path, from, module, names);
      for (const { name, as } of names) exports.push([as, `${module.name}.${name}`]);
      return "";
    });
    code = await replace(code, LATE_IMPORT, async ([, to]) => {
      return `import("${await this.#linkTo(resolve(path, to))}")`;
    });
    code = code.replace(EXPORT_LIST, (_, list) => {
      for (const { name, as } of readNames(list)) exports.push([as, name]);
      return "";
    });
    code = code.replace(EXPORT_HERE, (_, kind, name) => {
      exports.push([name, name]);
      return kind + name;
    });
    const wrong = LEFT_OVER.exec(code) ?? (way.length > 0 ? WAITING.exec(code) : null);
    if (wrong) throw new Error(`Cannot bundle ${path}: "${wrong[0]}" is not understood`);
    return { code: joinLines(shortenPrivateNames(unindent(code)).trim()), exports };
  }
}

/** Says what the script exports itself: who imports it late relies on that. */
function writeExports(exports: readonly (readonly [name: string, value: string])[]): string[] {
  return exports.map(([name, value], index) => {
    if (value === name) return `export { ${name} };`;
    if (!value.includes(".")) return `export { ${value} as ${name} };`;
    return `const $e${index} = ${value};\nexport { $e${index} as ${name} };`;
  });
}

function mustExport(path: string, from: string, { exports }: Module, names: { name: string }[]): void {
  const missing = names.find(({ name }) => !exports.has(name));
  if (missing) throw new Error(`Cannot bundle ${path}: "${from}" exports no "${missing.name}"`);
}

/** Reads what stands between the braces: `a, b as c`. */
function readNames(list: string): { name: string; as: string }[] {
  return list.split(",").map((entry) => entry.trim()).filter((entry) => entry !== "").map((entry) => {
    const [name, as = name] = entry.split(/\s+as\s+/);
    return { name, as };
  });
}

function resolve(path: string, to: string): string {
  return new URL(to, `file://${path}`).pathname;
}

/** Replaces every match, one after another. */
async function replace(
  text: string,
  pattern: RegExp,
  by: (match: RegExpMatchArray) => Promise<string>,
): Promise<string> {
  let replaced = "";
  let end = 0;
  for (const match of text.matchAll(pattern)) {
    replaced += text.slice(end, match.index) + await by(match);
    end = match.index! + match[0].length;
  }
  return replaced + text.slice(end);
}
