/** CEL text -> Group, for the subset of `model.ts`; null when the text says more than chips can. */
import { tokenize, type Token } from "./lexer";
import type { Group, Operator, Rule, Scalar } from "./model";

type Item = Rule | Group;

const COMPARISONS: Record<string, Operator> = {
  "==": "eq",
  "!=": "ne",
  ">": "gt",
  ">=": "gte",
  "<": "lt",
  "<=": "lte",
};
const MIRRORED: Record<string, string> = { ">": "<", ">=": "<=", "<": ">", "<=": ">=", "==": "==", "!=": "!=" };
const METHODS: Record<string, Operator> = {
  contains: "contains",
  startsWith: "starts_with",
  endsWith: "ends_with",
};
const NEGATED: Partial<Record<Operator, Operator>> = {
  filled: "empty",
  in: "not_in",
  includes: "excludes",
  contains: "not_contains",
};
const ROOTS = new Set(["data", "ticket", "customer"]);

class Outside extends Error {}

class Reader {
  private at = 0;
  constructor(private readonly tokens: Token[]) {}

  peek(offset = 0): Token | undefined {
    return this.tokens[this.at + offset];
  }
  done(): boolean {
    return this.at >= this.tokens.length;
  }
  next(): Token {
    const token = this.tokens[this.at++];
    if (!token) throw new Outside();
    return token;
  }
  isSign(text: string): boolean {
    const token = this.peek();
    return token?.kind === "sign" && token.text === text;
  }
  isName(text: string): boolean {
    const token = this.peek();
    return token?.kind === "name" && token.text === text;
  }
  takeSign(text: string): boolean {
    if (!this.isSign(text)) return false;
    this.at++;
    return true;
  }
  needSign(text: string): void {
    if (!this.takeSign(text)) throw new Outside();
  }
}

export function parseCondition(text: string): Group | null {
  const tokens = tokenize(text);
  if (!tokens || tokens.length === 0) return null;
  const reader = new Reader(tokens);
  try {
    const item = readJoined(reader, "||", "or", () => readJoined(reader, "&&", "and", () => readUnary(reader)));
    if (!reader.done()) return null;
    return item.kind === "group" ? item : { kind: "group", join: "and", items: [item] };
  } catch (error) {
    if (error instanceof Outside) return null;
    throw error;
  }
}

/** `a && b && c` as one group; a nested group with the same join melts into it. */
function readJoined(reader: Reader, sign: string, join: Group["join"], readPart: () => Item): Item {
  const first = readPart();
  if (!reader.isSign(sign)) return first;
  const items: Item[] = [];
  const add = (item: Item): void => {
    if (item.kind === "group" && item.join === join) items.push(...item.items);
    else items.push(item);
  };
  add(first);
  while (reader.takeSign(sign)) add(readPart());
  return { kind: "group", join, items };
}

function readUnary(reader: Reader): Item {
  if (reader.takeSign("!")) return negate(readUnary(reader));
  if (reader.takeSign("(")) {
    const inner = readJoined(reader, "||", "or", () => readJoined(reader, "&&", "and", () => readUnary(reader)));
    reader.needSign(")");
    return inner;
  }
  return readRule(reader);
}

function negate(item: Item): Rule {
  if (item.kind === "group") throw new Outside();
  if (item.op === "eq" && item.value === true) return { ...item, value: false };
  const op = NEGATED[item.op];
  if (!op) throw new Outside();
  return { ...item, op };
}

function readRule(reader: Reader): Rule {
  const token = reader.peek();
  if (token?.kind === "name" && token.text === "has") return readHas(reader);
  if (token?.kind === "name" && ROOTS.has(token.text)) return readFieldFirst(reader);
  return readValueFirst(reader);
}

function readHas(reader: Reader): Rule {
  reader.next();
  reader.needSign("(");
  const field = readPath(reader);
  reader.needSign(")");
  return { kind: "rule", field, op: "filled", value: null };
}

function readFieldFirst(reader: Reader): Rule {
  const field = readPath(reader);
  if (reader.takeSign(".")) return readMethod(reader, field);
  if (reader.isName("in")) {
    reader.next();
    return { kind: "rule", field, op: "in", value: readList(reader) };
  }
  const token = reader.peek();
  const op = token?.kind === "sign" ? COMPARISONS[token.text] : undefined;
  if (!op) return { kind: "rule", field, op: "eq", value: true };
  reader.next();
  return { kind: "rule", field, op, value: readScalar(reader) };
}

/** `"a" in data.kinds`, or a comparison written the other way round. */
function readValueFirst(reader: Reader): Rule {
  const value = readScalar(reader);
  const token = reader.next();
  if (token.kind === "name" && token.text === "in") {
    return { kind: "rule", field: readPath(reader), op: "includes", value };
  }
  const op = token.kind === "sign" ? COMPARISONS[MIRRORED[token.text] ?? ""] : undefined;
  if (!op) throw new Outside();
  return { kind: "rule", field: readPath(reader), op, value };
}

function readMethod(reader: Reader, field: string): Rule {
  const name = reader.next();
  const op = name.kind === "name" ? METHODS[name.text] : undefined;
  if (!op) throw new Outside();
  reader.needSign("(");
  const value = readScalar(reader);
  reader.needSign(")");
  if (typeof value !== "string") throw new Outside();
  return { kind: "rule", field, op, value };
}

/** `data.a.b`; stops before a method call, whose dot is left for the caller. */
function readPath(reader: Reader): string {
  const root = reader.next();
  if (root.kind !== "name" || !ROOTS.has(root.text)) throw new Outside();
  const parts = [root.text];
  while (reader.isSign(".") && !isCallAhead(reader)) {
    reader.next();
    const part = reader.next();
    if (part.kind !== "name") throw new Outside();
    parts.push(part.text);
  }
  if (parts.length < 2) throw new Outside();
  return parts.join(".");
}

function isCallAhead(reader: Reader): boolean {
  const after = reader.peek(2);
  return after?.kind === "sign" && after.text === "(";
}

function readList(reader: Reader): Scalar[] {
  reader.needSign("[");
  const values: Scalar[] = [];
  while (!reader.takeSign("]")) {
    if (values.length > 0) reader.needSign(",");
    values.push(readScalar(reader));
  }
  if (values.length === 0) throw new Outside();
  return values;
}

function readScalar(reader: Reader): Scalar {
  const token = reader.next();
  if (token.kind === "string" || token.kind === "number") return token.value;
  if (token.kind === "name" && (token.text === "true" || token.text === "false")) return token.text === "true";
  throw new Outside();
}
