import {
  type DescEnum,
  type DescField,
  type DescMessage,
  type DescMethod,
  getOption,
  type Message,
} from '@bufbuild/protobuf';
import { type ReflectMessage, reflect } from '@bufbuild/protobuf/reflect';
import {
  type FieldRules,
  field as fieldOption,
  type MethodRules,
  method as methodOption,
  Role,
} from '../gen/edgekeeper/v1/rules_pb.js';
import { SystemError } from '../modules/system/index.js';

const DEFAULT_MAX_REQUEST_BYTES = 16 * 1_024;
const DEFAULT_MAX_CHARACTERS = 1_024;
const DEFAULT_MAX_ITEMS = 100;
const MAX_SHOWN_CHARACTERS = 64;

type RulesOfMethod = Pick<MethodRules, 'role' | 'maxRequestBytes'>;

// Reading an option decodes it: once for each.
const knownMethods = new WeakMap<DescMethod, RulesOfMethod>();
const knownFields = new WeakMap<DescField, FieldRules>();

/** A method's rules with the defaults filled in. @see proto/edgekeeper/v1/rules.proto */
export function rulesOf(method: DescMethod): RulesOfMethod {
  const found = knownMethods.get(method);
  if (found !== undefined) return found;
  const { role, maxRequestBytes } = getOption(method, methodOption);
  const rules = {
    role: role === Role.UNSPECIFIED ? Role.ADMIN : role,
    maxRequestBytes: maxRequestBytes === 0 ? DEFAULT_MAX_REQUEST_BYTES : maxRequestBytes,
  };
  knownMethods.set(method, rules);
  return rules;
}

interface BrokenRule {
  /** In the words of the Go client where it has some. */
  readonly rule: string;
  /** Where its text names another rule than ours. */
  readonly ruleInText?: string;
}

/** The rule that a value breaks; undefined when it breaks none. */
type Verdict = BrokenRule | undefined;

interface Violation extends BrokenRule {
  /** Such as `PeersAddRequest.Id`, or `SubscribeRequest.Types[1]`. */
  readonly field: string;
  readonly value: unknown;
}

/** @throws {SystemError} SYSTEM.REQUEST_INVALID for the first field that breaks a rule of its proto file */
export function checkRequest(method: DescMethod, request: Message): void {
  const violation = violationIn(reflect(method.input, request));
  if (violation === undefined) return;
  const isStream = method.methodKind !== 'unary';
  const value = shown(violation.value);
  throw new SystemError({ code: 'SYSTEM.REQUEST_INVALID', ...violation, value, isStream });
}

function violationIn(message: ReflectMessage): Violation | undefined {
  for (const field of message.desc.fields) {
    const found = violationOf(field, message);
    if (found !== undefined) return found;
  }
  return undefined;
}

function violationOf(field: DescField, message: ReflectMessage): Violation | undefined {
  const rules = rulesOfField(field);
  const name = nameOf(message.desc, field);
  if (field.fieldKind === 'list') return violationOfList(field, [...message.get(field)], { name, rules });
  if (field.fieldKind === 'map') return undefined;
  if (field.oneof !== undefined && !message.isSet(field)) return undefined;
  if (field.fieldKind === 'message' && !message.isSet(field)) {
    return rules.required ? { field: name, rule: 'value is required', value: '' } : undefined;
  }
  return violationOfItem(field, message.get(field), { name, rules });
}

interface FieldContext {
  readonly name: string;
  readonly rules: FieldRules;
}

function violationOfList(
  field: DescField,
  items: readonly unknown[],
  { name, rules }: FieldContext,
): Violation | undefined {
  const broken = brokenByList(items, rules);
  if (broken !== undefined) return { field: name, ...broken, value: items.length };
  for (const [index, item] of items.entries()) {
    const itemName = `${name}[${index}]`;
    if (rules.unique && items.indexOf(item) < index)
      return { field: itemName, rule: 'repeated value must contain unique items', value: item };
    const found = violationOfItem(field, item, { name: itemName, rules });
    if (found !== undefined) return found;
  }
  return undefined;
}

function violationOfItem(
  field: DescField,
  value: unknown,
  { name, rules }: FieldContext,
): Violation | undefined {
  if (field.message !== undefined) return violationIn(value as ReflectMessage);
  const broken = field.enum
    ? brokenByEnum(field, field.enum, value as number)
    : typeof value === 'string'
      ? brokenByText(value, rules)
      : value instanceof Uint8Array
        ? brokenByLength(value.length, rules, 'bytes')
        : brokenByNumber(value, rules);
  return broken && { field: name, ...broken, value };
}

function brokenByList({ length }: readonly unknown[], { minItems, maxItems }: FieldRules): Verdict {
  if (length < minItems) return { rule: `value must contain at least ${minItems} item(s)` };
  const most = maxItems === 0 ? DEFAULT_MAX_ITEMS : maxItems;
  return length > most ? { rule: `value must contain no more than ${most} item(s)` } : undefined;
}

/** A list leaves out what it does not specify. */
function brokenByEnum({ fieldKind }: DescField, { value: known }: DescEnum, value: number): Verdict {
  const isUnspecified = fieldKind === 'list' && known[value]?.localName === 'UNSPECIFIED';
  const isKnown = known[value] !== undefined && !isUnspecified;
  return isKnown ? undefined : { rule: 'value must be one of the defined enum values' };
}

function brokenByText(value: string, rules: FieldRules): Verdict {
  if (rules.optional && value === '') return undefined;
  const { maxLength, pattern, patternShown } = rules;
  const most = maxLength === 0 ? DEFAULT_MAX_CHARACTERS : maxLength;
  const broken = brokenByLength(runesOf(value, rules, most), { ...rules, maxLength: most }, 'runes');
  if (broken !== undefined || pattern === '' || compiled(pattern).test(value)) return broken;
  const rule = notMatching(pattern);
  return patternShown === '' ? { rule } : { rule, ruleInText: notMatching(patternShown) };
}

const notMatching = (pattern: string) => `value does not match regex pattern ${JSON.stringify(pattern)}`;

/** Characters as Go counts them, which are never more than units of UTF-16: only where that matters is the text gone through. */
function runesOf(text: string, { minLength }: FieldRules, most: number): number {
  const isSure = text.length <= most && minLength <= 1;
  return isSure ? text.length : [...text].length;
}

const expressions = new Map<string, RegExp>();

/** As many as the proto files hold. */
function compiled(pattern: string): RegExp {
  const known = expressions.get(pattern);
  if (known !== undefined) return known;
  const expression = new RegExp(pattern);
  expressions.set(pattern, expression);
  return expression;
}

function brokenByLength(
  length: number,
  { minLength, maxLength }: Pick<FieldRules, 'minLength' | 'maxLength'>,
  unit: string,
): Verdict {
  if (length < minLength) return { rule: `value length must be at least ${minLength} ${unit}` };
  if (maxLength > 0 && length > maxLength)
    return { rule: `value length must be at most ${maxLength} ${unit}` };
  return undefined;
}

function brokenByNumber(value: unknown, { min, max }: FieldRules): Verdict {
  if (typeof value !== 'number' && typeof value !== 'bigint') return undefined;
  if (value < min) return { rule: `value must be greater than or equal to ${min}` };
  return max > 0n && value > max ? { rule: `value must be less than or equal to ${max}` } : undefined;
}

/** A field's rules as the proto says them. */
export function rulesOfField(field: DescField): FieldRules {
  const found = knownFields.get(field);
  if (found !== undefined) return found;
  const rules = getOption(field, fieldOption);
  knownFields.set(field, rules);
  return rules;
}

/** As the Go client names it. */
function nameOf(message: DescMessage, { name }: DescField): string {
  const words = name.split('_').map((word) => word.charAt(0).toUpperCase() + word.slice(1));
  return `${message.name}.${words.join('')}`;
}

/** Printable and short: the value is a stranger's. */
function shown(value: unknown): string {
  const text = value instanceof Uint8Array ? `${value.length} bytes` : String(value);
  return JSON.stringify(text.slice(0, MAX_SHOWN_CHARACTERS)).slice(1, -1);
}
