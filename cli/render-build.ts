import type { PolicyTestReport } from '../lib/plan/policy-test.ts';
import { encodeJson, safeText } from '../lib/text.ts';
import type { Arguments } from './arguments.ts';
import { UsageError } from './io.ts';

/** Something to say of a place in a file. */
export interface Finding {
  /** As it was named, relative to where the build works. */
  readonly file: string;
  readonly level: 'error' | 'warning';
  /** What kind of finding: a stop code, or `warning`. */
  readonly rule: string;
  readonly message: string;
  /** Both count from 1; left out: the whole file. */
  readonly line?: number;
  readonly column?: number;
}

/**
 * The format of `--format`, if one was asked for.
 *
 * @throws {UsageError} when the command has no such format, or `--json` stands beside it.
 */
export function readFormat<Format extends string>(
  args: Arguments,
  formats: readonly Format[],
): Format | undefined {
  const word = args.texts.format;
  if (word === undefined) return undefined;
  const format = formats.find((one) => one === word);
  if (format === undefined)
    throw new UsageError(`--format ${safeText(word)}: it can be ${formats.join(' or ')}.`);
  if (args.flags.has('json')) throw new UsageError(`--json and --format ${format} exclude each other.`);
  return format;
}

/**
 * Workflow commands, one a line, which GitHub shows beside the lines of a change.
 *
 * @see GitHub Actions, workflow commands: `%`, CR and LF are escaped, and in properties `:` and `,` too.
 */
export function githubAnnotations(findings: readonly Finding[]): string {
  return findings
    .map(({ file, level, message, line, column }) => {
      const at =
        line === undefined ? [] : [`line=${line}`, ...(column === undefined ? [] : [`col=${column}`])];
      return `::${level} ${[`file=${commandProperty(file)}`, ...at].join()}::${commandText(message)}\n`;
    })
    .join('');
}

function commandText(text: string): string {
  return text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
}

function commandProperty(text: string): string {
  return commandText(text).replaceAll(':', '%3A').replaceAll(',', '%2C');
}

/** A log of SARIF 2.1.0, as code scanning takes it. */
export function sarifLog(findings: readonly Finding[]): string {
  const rules = [...new Set(findings.map(({ rule }) => rule))].sort();
  const results = findings.map(({ file, level, rule, message, line, column }) => ({
    ruleId: rule,
    level,
    message: { text: message },
    locations: [
      {
        physicalLocation: {
          artifactLocation: { uri: encodeURI(file.replaceAll('\\', '/')) },
          ...(line !== undefined && {
            region: { startLine: line, ...(column !== undefined && { startColumn: column }) },
          }),
        },
      },
    ],
  }));
  const driver = { name: 'tagsweep', rules: rules.map((id) => ({ id })) };
  const log = {
    $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
    version: '2.1.0',
    runs: [{ tool: { driver }, results }],
  };
  return `${encodeJson(log, 2)}\n`;
}

/** The results of policy tests as JUnit XML: a suite for each file, a case for each test. */
export function junitXml(reports: readonly PolicyTestReport[]): string {
  const suites = reports.map(({ file, policy, results }) => {
    const cases = results.map(({ name, line, passed, faults }) => {
      const head = `    <testcase classname=${attribute(policy)} name=${attribute(name)} file=${attribute(file)} line="${line}"`;
      if (passed) return `${head}/>\n`;
      const message = attribute(faults[0] ?? 'it failed');
      return `${head}>\n      <failure message=${message}>${xmlText(faults.join('\n'))}</failure>\n    </testcase>\n`;
    });
    const failures = results.filter(({ passed }) => !passed).length;
    return `  <testsuite name=${attribute(file)} tests="${results.length}" failures="${failures}">\n${cases.join('')}  </testsuite>\n`;
  });
  return `<?xml version="1.0" encoding="UTF-8"?>\n<testsuites>\n${suites.join('')}</testsuites>\n`;
}

function attribute(text: string): string {
  return `"${xmlText(text).replaceAll('"', '&quot;').replaceAll('\n', '&#10;')}"`;
}

/** XML 1.0 has no way to write most control characters. */
function xmlText(text: string): string {
  return [...text]
    .map((character) => (isXml(character.codePointAt(0)!) ? character : '\ufffd'))
    .join('')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;');
}

function isXml(code: number): boolean {
  return (
    code === 0x09 ||
    code === 0x0a ||
    (code >= 0x20 && code < 0xd800) ||
    (code >= 0xe000 && code < 0xfffe) ||
    code >= 0x10000
  );
}
