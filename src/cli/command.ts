import { Command as CommanderCommand, type Option } from 'commander';

/** For commands that ask a cloud. */
export const ASKS_CLOUD = 'The cloud and the output are chosen with the options in "latchkey --help".';

/** As wide as commander's own part of the help is where it does not know better. */
const HELP_WIDTH = 80;

/** What a command does with its arguments and options. */
type Action = (...args: never[]) => Promise<void>;

/** A command of commander with notes and examples in its help, and an action that is loaded when it runs. */
export class Command extends CommanderCommand {
  private readonly paragraphs: string[] = [];
  private readonly paragraphsBelow: string[] = [];
  private readonly examples: string[] = [];

  constructor(name?: string) {
    super(name);
    this.addHelpText('after', () => this.helpAfterOptions());
  }

  override createCommand(name?: string): Command {
    return new Command(name);
  }

  addOptions(...options: readonly Option[]): this {
    for (const option of options) this.addOption(option);
    return this;
  }

  /** Paragraphs that follow the options in the help. */
  notes(...paragraphs: readonly string[]): this {
    this.paragraphs.push(...paragraphs);
    return this;
  }

  /** Paragraphs that follow those of each command below. */
  notesBelow(...paragraphs: readonly string[]): this {
    this.paragraphsBelow.push(...paragraphs);
    return this;
  }

  /** An example at the end of the help: what it does, and how it is written. */
  example(description: string, written: string): this {
    this.examples.push(`  # ${description}\n  ${written}`);
    return this;
  }

  /** Calls what `load` imports with the arguments, and with the options and those before them, so that `--help` stays quick. */
  lazyAction(load: () => Promise<Action>): this {
    return this.action(async () => {
      const action = await load();
      await action(...([...this.processedArgs, this.optsWithGlobals()] as never[]));
    });
  }

  private helpAfterOptions(): string {
    const below = this.parent instanceof Command ? this.parent.paragraphsBelow : [];
    const parts = [...this.paragraphs, ...below].map((text) =>
      this.createHelp().boxWrap(text.replaceAll(/\s+/g, ' '), HELP_WIDTH),
    );
    if (this.examples.length > 0) parts.push(['Examples:', ...this.examples].join('\n'));
    return parts.map((part) => `\n${part}`).join('\n');
  }
}
