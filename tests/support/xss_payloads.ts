/** What would call `X` with the payload's number if a page took it for more than text. */
const VECTORS: readonly ((n: number) => string)[] = [
  (n) => `<script>X(${n})</script>`,
  (n) => `<img src=x onerror=X(${n})>`,
  (n) => `<svg onload=X(${n})>`,
  (n) => `<svg><script>X(${n})</script>`,
  (n) => `<svg><animate onbegin=X(${n}) attributeName=x>`,
  (n) => `<iframe srcdoc="<script>top.X(${n})</script>">`,
  (n) => `<iframe src=javascript:top.X(${n})>`,
  (n) => `<details open ontoggle=X(${n})>`,
  (n) => `<video src=x onerror=X(${n})>`,
  (n) => `<audio src=x onloadstart=X(${n})>`,
  (n) => `<input autofocus onfocus=X(${n})>`,
  (n) => `<body onload=X(${n})>`,
  (n) => `<math><mtext><img src=x onerror=X(${n})>`,
  (n) => `<object data=javascript:X(${n})>`,
  (n) => `<embed src=javascript:X(${n})>`,
  (n) => `<style onload=X(${n})></style>`,
  (n) => `<link rel=stylesheet href=x onerror=X(${n})>`,
  (n) => `<meta http-equiv=refresh content=0;url=javascript:X(${n})>`,
  (n) => `<form><button formaction=javascript:X(${n})>go`,
  (n) => `<a href=javascript:X(${n})>go</a>`,
  (n) => `javascript:X(${n})`,
  (n) => `data:text/html,<script>X(${n})</script>`,
  (n) => `x" autofocus onfocus=X(${n}) y="`,
  (n) => `{{constructor.constructor('X(${n})')()}}`,
  (n) => "${X(" + n + ")}",
];

/** Ways out of where a payload may stand: attributes, elements, comments, code, links, marks of a find. */
const WRAPPERS: readonly ((payload: string) => string)[] = [
  (payload) => payload,
  (payload) => `">${payload}`,
  (payload) => `'>${payload}`,
  (payload) => `</p></textarea></title>${payload}`,
  (payload) => `<!--x-->${payload}`,
  (payload) => `]]>${payload}`,
  (payload) => `\`${payload}\``,
  (payload) => "```html\n" + payload + "\n```",
  (payload) => `**${payload}**`,
  (payload) => `https://e.test/${payload}`,
  (payload) => `@Vic ${payload}`,
  (payload) => payload.replace(/<(\w+)/g, (tag) => tag.toUpperCase()),
  (payload) => payload.replaceAll("<", "&lt;").replaceAll(">", "&gt;"),
  (payload) => encodeURIComponent(payload),
  (payload) => payload.replace(/ /g, "\t"),
  (payload) => `<<${payload}`,
];

/** Each vector in each wrapper, with the number it would call `X` with. */
export const XSS_PAYLOADS: readonly { readonly n: number; readonly text: string }[] = WRAPPERS.flatMap(
  (wrap, row) =>
    VECTORS.map((vector, column) => {
      const n = 1000 + row * VECTORS.length + column;
      return { n, text: wrap(vector(n)) };
    }),
);
