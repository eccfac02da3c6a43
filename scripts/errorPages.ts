/**
 * The page of the errors, docs/errors.md: `npm run errors` writes it from the classes, the catalogue, their docstrings and the programs
 * in scripts/errors. With `--check` it says whether the page is current.
 */
import { Effect, Schema, SchemaAST, type Stream } from "effect"
import { type Attachments, type BiginAuth, Errors, type Ids, Scopes } from "effect-bigin"
import { Fixtures } from "effect-bigin-testing"
import { readFileSync, writeFileSync } from "node:fs"
import { fileURLToPath } from "node:url"
import { format } from "oxfmt"

const root = fileURLToPath(new URL("..", import.meta.url))
const page = "docs/errors.md"

const read = (path: string): string => readFileSync(`${root}${path}`, "utf8")

type ErrorClass = (typeof Errors.BiginError.members)[number]
type Tag = ErrorClass["_tag"]

// --- which operation fails with what ---

/** A schema of exactly that union: what an operation fails with, by its type. */
const exactly =
  <E>() =>
  <I>(schema: Schema.Schema<E, I>): ReadonlyArray<string> =>
    tagsOf(schema.ast)

const tagsOf = (ast: SchemaAST.AST): ReadonlyArray<string> =>
  SchemaAST.isUnion(ast) ? ast.types.flatMap(tagsOf) : [String(SchemaAST.typeAST(ast)).replace("effect-bigin.", "")]

type OfEffect<F extends (...args: never) => Effect.Effect<unknown, unknown, unknown>> = Effect.Effect.Error<
  ReturnType<F>
>
type OfStream<F extends (...args: never) => Stream.Stream<unknown, unknown, unknown>> = Stream.Stream.Error<
  ReturnType<F>
>

const ofToken = Schema.Union(Errors.TokenRejected, Errors.TokenUnreachable)

/** A call that ensures scopes, of one that cannot fail by itself. */
const ensured = (requirement: Scopes.Requirement) => Scopes.ensure(Effect.void, requirement)
type Many = typeof Attachments.deleteMany<Ids.AttachmentRef.Input, never, never>

const operations: Readonly<Record<string, ReadonlyArray<string>>> = {
  deleteAttachment: exactly<OfEffect<typeof Attachments.deleteAttachment>>()(Errors.DeleteAttachmentError),
  uploadAttachment: exactly<OfEffect<typeof Attachments.uploadAttachment>>()(Errors.DeleteAttachmentError),
  listAttachments: exactly<OfStream<typeof Attachments.listAttachments>>()(Errors.ListAttachmentsError),
  select: exactly<OfEffect<typeof Attachments.select>>()(Errors.ListAttachmentsError),
  downloadAttachment: exactly<OfStream<typeof Attachments.downloadAttachment>>()(Errors.ListAttachmentsError),
  ensureDeleted: exactly<OfEffect<typeof Attachments.ensureDeleted>>()(Errors.EnsureDeletedError),
  archiveThenDelete: exactly<OfEffect<typeof Attachments.archiveThenDelete>>()(
    Schema.Union(Errors.EnsureDeletedError, Errors.ArchiveFailed)
  ),
  deleteMany: exactly<OfStream<Many>>()(Errors.CollectionStopped),
  "a report of deleteMany": exactly<Errors.EnsureDeletedError | Errors.NotAttempted>()(
    Schema.Union(Errors.EnsureDeletedError, Errors.NotAttempted)
  ),
  "Scopes.ensure": exactly<OfEffect<typeof ensured>>()(Schema.Union(Errors.MissingScope, ofToken)),
  "BiginAuth.exchangeGrantCode": exactly<OfEffect<typeof BiginAuth.exchangeGrantCode>>()(ofToken),
  "BiginAuth.readRedirect": exactly<OfEffect<typeof BiginAuth.readRedirect>>()(Errors.TokenRejected),
  "BiginAuth.revoke": exactly<OfEffect<typeof BiginAuth.revoke>>()(ofToken)
}

const operationsOf = (tag: Tag): ReadonlyArray<string> =>
  Object.entries(operations).flatMap(([name, tags]) => (tags.includes(tag) ? [name] : []))

// --- what the sources say ---

const sources = ["documented", "undocumented", "operations"].map((name) => read(`packages/bigin/src/errors/${name}.ts`))
const sharedFields = read("packages/bigin/src/errors/fields.ts")

/** The docstring of a class, and the text of the class. */
const sourceOf = (tag: Tag): { readonly doc: string; readonly text: string } => {
  for (const source of sources) {
    const [, doc, text] =
      new RegExp(`/\\*\\*\\n((?: \\*[^\\n]*\\n)*?) \\*/\\nexport class ${tag} extends([\\s\\S]*?)\\n}\\n`).exec(
        source
      ) ?? []
    if (doc !== undefined && text !== undefined) return { doc, text }
  }
  throw new Error(`The class of ${tag} has no docstring`)
}

/** Without its stars and tags. */
const proseOf = (doc: string): string =>
  doc
    .replaceAll(/^ \* ?/gm, "")
    .replace(/^@[\s\S]*/m, "")
    .trim()

/** What the comment above a field says: in its class, or where classes have it from. */
const wordsOf = (tag: Tag, field: string): string => {
  const { text } = sourceOf(tag)
  const shared = text.includes("...unread")
    ? sharedFields.slice(sharedFields.indexOf("export const unread"))
    : `${sources[0]?.slice(0, sources[0].indexOf("/**\n * Bigin knows"))}${sharedFields.slice(sharedFields.indexOf("export const answered"))}`
  for (const source of [text, shared]) {
    const [, words] = new RegExp(`/\\*\\* ([^\\n]*) \\*/\\s+${field}[:,\\n]`).exec(source) ?? []
    if (words !== undefined) return words
  }
  throw new Error(`Nothing says what ${field} of ${tag} is`)
}

// --- fields ---

/** Of types that have one, the name by which callers know them. */
const named = (type: string): string =>
  [
    [String(SchemaAST.typeAST(Errors.DeleteAttachmentError.ast)), "DeleteAttachmentError"],
    [String(SchemaAST.typeAST(Errors.Summary.ast)), "Summary"],
    ["{ readonly module: string; readonly recordId: string; readonly attachmentId?: string }", "Ref"],
    ["a duration of whole milliseconds", "Duration"]
  ]
    .reduce((text, [long = "", short = ""]) => text.replaceAll(long, short), type)
    .replaceAll(/\bInt\b/g, "number")
    .replaceAll(/\bmaxLength\(\d+\)/g, "string")
    .replaceAll("effect-bigin.", "")

const fieldsOf = (error: ErrorClass) =>
  SchemaAST.getPropertySignatures(SchemaAST.typeAST(error.ast)).flatMap(({ isOptional, name, type }) =>
    name === "_tag"
      ? []
      : [
          {
            name: `${String(name)}${isOptional ? "?" : ""}`,
            type: named(String(type)),
            words: wordsOf(error._tag, String(name))
          }
        ]
  )

// --- the wire ---

const replies: { readonly [Tag in string]?: Fixtures.TextReply } = {
  ...Object.fromEntries(Object.values(Errors.catalogue).map(({ tag }) => [tag, Fixtures.documented(tag)])),
  InvalidData: Fixtures.documented("InvalidData", { details: { resource_path_index: 3 } }),
  ...Fixtures.undocumented,
  RateLimited: Fixtures.rateLimited(60)
}

const answerOf = (tag: Tag): string => {
  const reply = replies[tag]
  if (reply === undefined) return "It is no answer of Bigin's."
  const { body, headers, status } = reply
  const retryAfter = headers["retry-after"]
  const also = tag === "InvalidData" ? ", with `details` as Zoho CRM documents them" : ""
  const intro = Object.hasOwn(Errors.catalogue, tag)
    ? `As Bigin's page writes it${also}, under the status`
    : "For example, under the status"
  const header = retryAfter === undefined ? "" : `, with the header \`retry-after: ${retryAfter}\``
  if (body === "") return `${intro} \`${status}\`${header}, an empty body.`
  const isJson = body.startsWith("{")
  const shown = isJson ? JSON.stringify(JSON.parse(body), null, 2) : body
  return `${intro} \`${status}\`${header}:\n\n\`\`\`${isJson ? "json" : "html"}\n${shown}\n\`\`\``
}

// --- the page ---

const yes = (trait: boolean): string => (trait ? "yes" : "no")

const whatFailed = (tag: Tag, { mayHaveApplied, transient }: Errors.Traits): ReadonlyArray<string> => [
  transient ? "Transient: the same call may succeed later." : "Not transient: it does not pass by waiting.",
  mayHaveApplied
    ? "May have applied: a deletion or an upload that ended so may have happened."
    : tag === "CollectionStopped"
      ? "What was deleted before it is in its `summary`."
      : "Not applied: the call that ended so did nothing.",
  ...(transient ? [`\`Retry.safely\` ${mayHaveApplied ? "does not repeat" : "repeats"} it.`] : []),
  ...(mayHaveApplied && tag !== "OutcomeUnknown"
    ? [
        "To delete for good, call `Attachments.ensureDeleted` in the first place. It looks for proof, and what stays in doubt is [OutcomeUnknown](#outcomeunknown)."
      ]
    : [])
]

const programOf = (tag: Tag): string => {
  const [code = "", prints] = read(`scripts/errors/${tag}.ts`).split("\n// prints\n")
  if (prints === undefined) throw new Error(`The program of ${tag} does not say what it prints`)
  return `\`\`\`ts twoslash\n${code.trim()}\n\`\`\`\n\n\`\`\`text\n${prints.replaceAll(/^\/\/ ?/gm, "").trim()}\n\`\`\``
}

/** A line that stands between two others in a table. */
const cell = (text: string): string => text.replaceAll("|", "\\|")

const sectionOf = (error: ErrorClass): string => {
  const { _tag: tag, traits } = error
  const { doc } = sourceOf(tag)
  const fields = fieldsOf(error).map(({ name, type, words }) => `| \`${name}\` | \`${cell(type)}\` | ${cell(words)} |`)
  return [
    `## ${tag}`,
    proseOf(doc),
    `**The answer.** ${answerOf(tag)}`,
    `**Traits.** Its category is \`${traits.category}\`.`,
    whatFailed(tag, traits)
      .map((line) => `- ${line}`)
      .join("\n"),
    `**Who fails with it.** ${operationsOf(tag)
      .map((name) => (name.includes(" ") ? name.replace(/(\w+)$/, "`$1`") : `\`${name}\``))
      .join(", ")}.`,
    "**Fields.**",
    ["| field | type | what it is |", "| --- | --- | --- |", ...fields].join("\n"),
    `**What to do.** ${Errors.advice[tag]}`,
    programOf(tag)
  ].join("\n\n")
}

const codeOf = (tag: Tag): string => {
  const row = Object.values(Errors.catalogue).find((row) => row.tag === tag)
  return row === undefined ? "" : `${row.status} ${row.code}`
}

const rowOf = ({ _tag: tag, traits }: ErrorClass): string =>
  `| [${tag}](#${tag.toLowerCase()}) | ${codeOf(tag)} | ${traits.category} | ${yes(traits.transient)} | ${yes(traits.mayHaveApplied)} |`

const documented = Object.keys(Errors.catalogue).length
const ofTheCall = Errors.DeleteAttachmentError.members.length
const all = Errors.BiginError.members

const raw = `---
title: Errors
---

# Errors

Every failure of this library, with its cause, its fields, what to do, and a program that handles it.

- The first ${documented} are those that Bigin documents for deleting an attachment.
- The first ${ofTheCall} are all that \`deleteAttachment\` can fail with: \`DeleteAttachmentError\`.
- The others come from larger operations alone. All together are \`BiginError\`.

| tag | Bigin's answer | category | transient | may have applied |
| --- | --- | --- | --- | --- |
${all.map(rowOf).join("\n")}

How to read the sections:

- **Fields.** A \`?\` marks a field that may be absent. \`Ref\` is \`{ module, recordId, attachmentId? }\`, plain strings. \`Json\` is any JSON value.
  \`Duration\` is Effect's, and always of whole milliseconds.
- **Texts.** Each error also has a \`message\`, made of these fields and of what to do. Tokens are taken out of all of them.
- **Programs.** They run as they are, without an account: \`FakeBigin\` of \`effect-bigin-testing\` stands in for Bigin. What they print stands behind them.
- **Sources.** Bigin documents the first ${documented} alone, on its page "Delete an Attachment" (bigin.com/developer/docs/apis). The other answers are
  examples of \`effect-bigin-testing\`. None was tried against an account.

${all.map(sectionOf).join("\n\n")}
`

const { code: text } = await format(page, raw, JSON.parse(read(".oxfmtrc.json")))

if (!process.argv.includes("--check")) {
  writeFileSync(`${root}${page}`, text)
} else if (text !== read(page)) {
  console.log(`${page} is not current: "npm run errors" writes it`)
  process.exitCode = 1
}
