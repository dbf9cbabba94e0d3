import { assert, assertEquals, assertNotEquals, assertRejects } from "@std/assert";
import { Passwords, PasswordsBusy } from "../../lib/auth/passwords.ts";

Deno.test("verify() knows the password that was hashed, and no other", async () => {
  const passwords = new Passwords();
  const kept = await passwords.hash("correct horse");
  assertEquals(await passwords.verify("correct horse", kept), true);
  for (const wrong of ["correct horse ", "Correct horse", "", "correct", kept]) {
    assertEquals(await passwords.verify(wrong, kept), false, wrong);
  }
});

Deno.test("hash() salts: the same password never looks the same, nor like itself", async () => {
  const passwords = new Passwords();
  const [one, other] = await Promise.all([passwords.hash("swordfish"), passwords.hash("swordfish")]);
  assertNotEquals(one, other);
  for (const kept of [one, other]) assert(!kept.includes("swordfish"), kept);
  assertEquals(await passwords.verify("swordfish", one) && await passwords.verify("swordfish", other), true);
});

Deno.test("a hash that was kept by an earlier run is still known", async () => {
  const kept = "scrypt$AAAAAAAAAAAAAAAAAAAAAA$bLi8kqJJjeOtchgUYN72in2OHwXyQfR5ZfNgPCHyvTw";
  assertEquals(await new Passwords().verify("密码", kept), true);
});

Deno.test("more than can wait are turned away, and those who wait are served", async () => {
  const passwords = new Passwords(1);
  const kept = await passwords.hash("x");
  const served = [0, 1, 2].map(() => passwords.verify("x", kept));
  await assertRejects(() => passwords.verify("x", kept), PasswordsBusy);
  assertEquals(await Promise.all(served), [true, true, true]);
  assertEquals(await passwords.verify("x", kept), true, "there is room again");
});
