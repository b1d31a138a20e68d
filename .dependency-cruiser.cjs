/** The walls between the rooms: one rule per wall, with what to do instead. See docs/architecture.md. */
/** What each room may import beside itself and the shared words (resource, errors, clock, ports). */
const MAY = {
  policy: [],
  inventory: ['policy'],
  batch: [],
  plan: ['policy', 'inventory', 'batch'],
  fleet: ['policy', 'plan', 'inventory'],
  pace: [],
  change: ['batch'],
  report: ['policy', 'plan', 'batch', 'change'],
  audit: ['policy', 'report'],
  proof: ['batch', 'change', 'inventory', 'report'],
  apply: ['policy', 'plan', 'batch', 'pace', 'change', 'audit', 'report', 'inventory', 'proof'],
  doctor: ['policy'],
  notice: ['policy', 'plan', 'audit', 'report'],
  approval: ['policy', 'audit'],
  undo: ['policy', 'batch', 'change', 'audit'],
  run: [
    'doctor',
    'policy',
    'inventory',
    'batch',
    'plan',
    'pace',
    'change',
    'audit',
    'report',
    'apply',
    'proof',
    'notice',
    'approval',
    'undo',
  ],
  words: [],
  pages: ['policy', 'inventory', 'plan', 'batch', 'change', 'report', 'audit', 'run', 'fleet', 'words'],
  cloud: ['policy', 'audit', 'notice', 'run', 'doctor', 'report', 'plan', 'inventory', 'pace'],
};

const walls = Object.entries(MAY).map(([room, allowed]) => ({
  name: `lib/${room} looks only to its right`,
  comment: `lib/${room} may import ${allowed.join(', ') || 'no other room'} and the shared words: move the code to the room that owns it, or pass the value in.`,
  severity: 'error',
  from: { path: `^lib/${room}/` },
  to: { path: '^lib/[^/]+/', pathNot: `^lib/(${[room, ...allowed].join('|')})/` },
}));

module.exports = {
  forbidden: [
    ...walls,
    {
      name: 'lib knows no program',
      comment: 'lib is used by the handler and the command line; it must not know them.',
      severity: 'error',
      from: { path: '^lib/' },
      to: { path: '^(functions|cli|emulator|pages|test|bench|scripts)/' },
    },
    {
      name: 'the front end shows what it is given',
      comment:
        'pages/ runs in a browser: it may know the form of the page models and the words, nothing else of lib.',
      severity: 'error',
      from: { path: '^pages/' },
      to: { path: '^(lib|functions|cli|emulator)/', pathNot: '^lib/(words/|pages/model\\.ts$)' },
    },
    {
      name: 'the emulator stands alone',
      comment: 'It must not share our reading of the API: write what it needs again, from the reference.',
      severity: 'error',
      from: { path: '^emulator/' },
      to: { path: '^(lib|functions|cli|test|bench|scripts)/' },
    },
    {
      name: 'nothing needs the tests',
      comment: 'Move what is shared to lib.',
      severity: 'error',
      from: { pathNot: '^test/' },
      to: { path: '^test/' },
    },
    {
      name: 'the SDKs stay in lib/cloud',
      comment: 'Everything else speaks to the ports of lib/ports.ts.',
      severity: 'error',
      from: { path: '^(functions|cli|lib)/', pathNot: '^lib/cloud/' },
      to: { path: 'node_modules/@alicloud/' },
    },
    {
      name: 'pure rooms stay pure',
      comment:
        'lib/policy, lib/plan, lib/batch, lib/notice and lib/approval take values and give values; only node:crypto for hashes.',
      severity: 'error',
      from: { path: '^lib/(policy|plan|batch|notice|approval)/' },
      to: { dependencyTypes: ['core'], pathNot: '^(node:)?crypto$' },
    },
    {
      name: 'no circles',
      comment: 'Two files that need each other are one file, or lack a third.',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'require', 'node', 'default', 'types'],
    },
  },
};
