import { assert } from "@std/assert";
// deno-lint-ignore no-import-prefix -- only this test needs it, so that nobody else has to download it
import { Ajv2020 } from "npm:ajv@8.20.0/dist/2020.js";

interface Described {
  readonly components: { readonly schemas: Record<string, object> };
}

/** Checks values against the schemas of a generated document, and against nothing that is not written there. */
export class SchemaCheck {
  readonly #ajv = new Ajv2020({ strict: false, allErrors: true });

  constructor(document: Described) {
    this.#ajv.addSchema({ $id: "document:", components: { schemas: closed(document.components.schemas) } });
  }

  /** Fails unless the value is as the schema of that name says, with no field that it does not know. */
  assertValid(name: string, value: unknown, what = name): void {
    const errors = this.errors({ $ref: `#/components/schemas/${name}` }, value);
    assert(errors === undefined, `${what} is not as documented: ${errors}\n${JSON.stringify(value)}`);
  }

  /** What is wrong with a value, by a schema as it stands in the document; `undefined` if nothing is. */
  errors({ $ref, ...schema }: { $ref?: string }, value: unknown): string | undefined {
    const validate = this.#ajv.compile($ref === undefined ? schema : { $ref: `document:${$ref}` });
    return validate(value) ? undefined : this.#ajv.errorsText(validate.errors);
  }
}

/** The documents leave objects open, so that fields can be added; a test wants to hear of them. */
function closed<T>(schema: T): T {
  if (typeof schema !== "object" || schema === null) return schema;
  if (Array.isArray(schema)) return schema.map(closed) as T;
  const inner = Object.fromEntries(Object.entries(schema).map(([key, value]) => [key, closed(value)]));
  return ("properties" in schema ? { additionalProperties: false, ...inner } : inner) as T;
}
