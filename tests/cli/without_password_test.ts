import { assertEquals } from "@std/assert";
import { withoutPassword } from "../../lib/cli/without_password.ts";

Deno.test("withoutPassword() hides user and password, however they are written", () => {
  const shown = [
    ["redis://user:hunter2@host:6379/0", "redis://hidden@host:6379/0"],
    ["rediss://:hunter2@host", "rediss://hidden@host"],
    ["redis://:hunter/2@host", "redis://hidden@host"],
    ["redis://:hun@ter2@host", "redis://hidden@host"],
    ["redis://:hunter\n2@host", "redis://hidden@host"],
    ["redis://host:6379", "redis://host:6379"],
    ["sqlite:data/a@b.db", "sqlite:data/a@b.db"],
  ];
  for (const [address, expected] of shown) assertEquals(withoutPassword(address), expected);
});
