/** Tokens of the CEL subset. Unknown characters give null: the text then stays text. */
export type Token =
  | { kind: "name"; text: string }
  | { kind: "string"; value: string }
  | { kind: "number"; value: number }
  | { kind: "sign"; text: string };

const SPACE = /\s+/y;
const NAME = /[A-Za-z_][A-Za-z0-9_]*/y;
const NUMBER = /-?\d+(\.\d+)?/y;
const SIGN = /&&|\|\||==|!=|>=|<=|[><!()[\],.]/y;
const STRING = /"((?:[^"\\\n]|\\.)*)"|'((?:[^'\\\n]|\\.)*)'/y;

const ESCAPES: Record<string, string> = { n: "\n", t: "\t", r: "\r", "\\": "\\", '"': '"', "'": "'" };

/** Undoes the escapes that `quote` writes; other escapes (\x, \u, octal) are outside the subset. */
function unescape(body: string): string | null {
  let known = true;
  const text = body.replace(/\\(.)/g, (_, letter: string) => {
    const plain = ESCAPES[letter];
    if (plain === undefined) known = false;
    return plain ?? "";
  });
  return known ? text : null;
}

function matchAt(pattern: RegExp, text: string, at: number): RegExpExecArray | null {
  pattern.lastIndex = at;
  return pattern.exec(text);
}

export function tokenize(text: string): Token[] | null {
  const tokens: Token[] = [];
  let at = 0;
  while (at < text.length) {
    const space = matchAt(SPACE, text, at);
    if (space) {
      at += space[0].length;
      continue;
    }
    const found = readToken(text, at);
    if (!found) return null;
    tokens.push(found.token);
    at += found.length;
  }
  return tokens;
}

function readToken(text: string, at: number): { token: Token; length: number } | null {
  const string = matchAt(STRING, text, at);
  if (string) {
    const value = unescape(string[1] ?? string[2] ?? "");
    return value === null ? null : { token: { kind: "string", value }, length: string[0].length };
  }
  const number = matchAt(NUMBER, text, at);
  if (number) {
    const value = Number(number[0]);
    // A number that JavaScript cannot hold exactly would come back changed.
    if (!Number.isSafeInteger(value) && number[1] === undefined) return null;
    return { token: { kind: "number", value }, length: number[0].length };
  }
  const name = matchAt(NAME, text, at);
  if (name) return { token: { kind: "name", text: name[0] }, length: name[0].length };
  const sign = matchAt(SIGN, text, at);
  return sign ? { token: { kind: "sign", text: sign[0] }, length: sign[0].length } : null;
}
