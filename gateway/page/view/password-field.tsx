import { useId, useState } from 'preact/hooks';
import { useWords } from './language-context.ts';

interface PasswordFieldOptions {
  readonly label: string;
  readonly value: string;
  readonly change: (value: string) => void;
  /** For the browser's password store. */
  readonly purpose: 'current-password' | 'new-password';
  readonly hint?: string;
}

/** A password, hidden until one asks to see it: on a ladder, with gloves, one does. */
export function PasswordField({ label, value, change, purpose, hint }: PasswordFieldOptions) {
  const { words } = useWords();
  const [shown, setShown] = useState(false);
  const id = useId();
  const kind = shown ? { type: 'text' as const } : { type: 'password' as const };
  return (
    <div class="field">
      <label for={id}>{label}</label>
      <div class="with-button">
        <input
          id={id}
          {...kind}
          autocomplete={purpose}
          autocapitalize="none"
          spellcheck={false}
          required
          maxLength={200}
          value={value}
          aria-describedby={hint === undefined ? undefined : `${id}-hint`}
          onInput={({ currentTarget }) => change(currentTarget.value)}
        />
        <button
          type="button"
          class="plain"
          aria-label={`${shown ? words.hidePassword : words.showPassword}: ${label}`}
          onClick={() => setShown(!shown)}
        >
          {shown ? words.hidePassword : words.showPassword}
        </button>
      </div>
      {hint === undefined ? null : (
        <p class="hint" id={`${id}-hint`}>
          {hint}
        </p>
      )}
    </div>
  );
}
