import { z } from "zod";

/** A piece of a document that is to be written as JSON. */
export type JsonObject = Record<string, unknown>;

/** Where both kinds of document keep what is named. */
const PLACE = "#/components/schemas/";

/** Points to a schema by its name. */
export function refer(name: string): JsonObject {
  return { $ref: PLACE + name };
}

/** Writes schemas as JSON Schema 2020-12, under their names; one that holds another refers to it. */
export function describeSchemas(schemas: Readonly<Record<string, z.ZodType>>): Record<string, JsonObject> {
  const registry = z.registry<{ id: string }>();
  for (const [id, schema] of Object.entries(schemas)) registry.add(schema, { id });
  const options = { io: "input", uri: (id: string) => PLACE + id, override: tidy } as const;
  const written = z.toJSONSchema(registry, options).schemas as Record<string, JsonObject>;
  for (const schema of Object.values(written)) {
    delete schema.$schema;
    delete schema.$id;
  }
  return written;
}

/** Writes one schema where it is used. */
export function describeSchema(schema: z.ZodType): JsonObject {
  const { $schema: _, ...written } = z.toJSONSchema(schema, { io: "input", override: tidy });
  return written;
}

/** Writes the fields of an object schema one by one, each with whether it must be there. */
export function describeFields(
  schema: z.ZodObject,
): { name: string; isRequired: boolean; schema: JsonObject }[] {
  const { properties, required = [] } = z.toJSONSchema(schema, { io: "input", override: tidy });
  return Object.entries(properties ?? {}).map(([name, field]) => (
    { name, isRequired: required.includes(name), schema: field as JsonObject }
  ));
}

/** Leaves out limits that are none but those of the language. */
function tidy({ jsonSchema }: { jsonSchema: z.core.JSONSchema.BaseSchema }): void {
  if (jsonSchema.minimum === Number.MIN_SAFE_INTEGER) delete jsonSchema.minimum;
  if (jsonSchema.maximum === Number.MAX_SAFE_INTEGER) delete jsonSchema.maximum;
  if (jsonSchema.maxLength === Number.MAX_SAFE_INTEGER) delete jsonSchema.maxLength;
}
