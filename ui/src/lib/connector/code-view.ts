/** CodeMirror as this page uses it: JSON colours, our palette, no line numbers. Imported when an editor is first shown. */
import { defaultKeymap, history, historyKeymap } from '@codemirror/commands';
import { json } from '@codemirror/lang-json';
import { bracketMatching, HighlightStyle, syntaxHighlighting } from '@codemirror/language';
import { Compartment, EditorState } from '@codemirror/state';
import {
  Decoration,
  EditorView,
  keymap,
  MatchDecorator,
  ViewPlugin,
  type DecorationSet,
} from '@codemirror/view';
import { tags } from '@lezer/highlight';

const palette = HighlightStyle.define([
  { tag: tags.propertyName, color: 'var(--info)' },
  { tag: tags.string, color: 'var(--ok)' },
  { tag: [tags.number, tags.bool, tags.null], color: 'var(--brass)' },
]);

const look = EditorView.theme({
  '&': { color: 'var(--text)', fontSize: '12.5px' },
  '&.cm-focused': { outline: 'none' },
  '.cm-scroller': {
    fontFamily: "'JetBrains Mono Variable', monospace",
    lineHeight: '1.5',
    maxHeight: '320px',
    minHeight: '92px',
  },
  '.cm-content': { padding: '6px 0', caretColor: 'var(--text)' },
  '.cm-line': { padding: '0 9px' },
  '.cm-cursor': { borderLeftColor: 'var(--text)' },
  '&.cm-focused .cm-selectionBackground, .cm-selectionBackground': {
    background: 'var(--accent-soft) !important',
  },
  '.cm-matchingBracket': { background: 'var(--line)', outline: 'none' },
  '.cm-input': { background: 'var(--info-soft)', borderRadius: '3px' },
});

const inputs = new MatchDecorator({
  regexp: /\{\{\s*[\w.-]+\s*\}\}/g,
  decoration: Decoration.mark({ class: 'cm-input' }),
});

const markInputs = ViewPlugin.define<{
  marks: DecorationSet;
  update: (update: Parameters<typeof inputs.updateDeco>[0]) => void;
}>(
  (view) => ({
    marks: inputs.createDeco(view),
    update(update) {
      this.marks = inputs.updateDeco(update, this.marks);
    },
  }),
  { decorations: (plugin) => plugin.marks },
);

export class CodeView {
  private readonly view: EditorView;
  private readonly attributes = new Compartment();

  constructor(
    parent: HTMLElement,
    private readonly about: { text: string; label: string; json: boolean },
    onchange: (text: string) => void,
  ) {
    this.view = new EditorView({
      parent,
      state: EditorState.create({
        doc: about.text,
        extensions: [
          history(),
          bracketMatching(),
          keymap.of([...defaultKeymap, ...historyKeymap]),
          EditorView.lineWrapping,
          syntaxHighlighting(palette),
          markInputs,
          look,
          about.json ? json() : [],
          this.attributes.of(this.contentAttributes(false, undefined)),
          EditorView.updateListener.of((update) => {
            if (update.docChanged) onchange(update.state.doc.toString());
          }),
        ],
      }),
    });
  }

  /** Shows a text that came from elsewhere. */
  show(text: string): void {
    const present = this.view.state.doc.toString();
    if (present !== text) this.view.dispatch({ changes: { from: 0, to: present.length, insert: text } });
  }

  /** Says what is wrong with the text, for those who can't see the border. */
  describe(invalid: boolean, describedby: string | undefined): void {
    this.view.dispatch({
      effects: this.attributes.reconfigure(this.contentAttributes(invalid, describedby)),
    });
  }

  destroy(): void {
    this.view.destroy();
  }

  private contentAttributes(invalid: boolean, describedby: string | undefined) {
    const attributes: Record<string, string> = { 'aria-label': this.about.label, tabindex: '0' };
    if (invalid) attributes['aria-invalid'] = 'true';
    if (describedby) attributes['aria-describedby'] = describedby;
    return EditorView.contentAttributes.of(attributes);
  }
}
