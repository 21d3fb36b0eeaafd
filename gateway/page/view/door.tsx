import type { ComponentChildren } from 'preact';
import { useEffect, useId, useState } from 'preact/hooks';
import { type DoorAnswer, logIn, setUp } from '../asking/gateway-session.ts';
import type { Words } from '../words/words.ts';
import { useWords } from './language-context.ts';
import { LanguageSwitch } from './language-switch.tsx';
import { PasswordField } from './password-field.tsx';

const shortestPassword = 8;

/** What the door says when it stays shut. */
function refusalText(answer: DoorAnswer, words: Words): string {
  if (answer.kind === 'session') return '';
  if (answer.kind === 'unreachable') return words.gatewayUnreachable;
  if (answer.status === 401) return answer.field === 'code' ? words.wrongCode : words.wrongPassword;
  if (answer.status === 409) return answer.field === 'code' ? words.setAlready : words.accountsDamaged;
  return words.requestFailed;
}

/** Sends a try, and holds the next one back for as long as the gateway asks. */
function useTries(entered: () => void) {
  const { words } = useWords();
  const [answer, setAnswer] = useState<DoorAnswer | null>(null);
  const [busy, setBusy] = useState(false);
  const [wait, setWait] = useState(0);
  useEffect(() => {
    if (wait <= 0) return;
    const timer = setTimeout(() => setWait(wait - 1), 1000);
    return () => clearTimeout(timer);
  }, [wait]);
  const attempt = async (ask: () => Promise<DoorAnswer>): Promise<void> => {
    setBusy(true);
    const got = await ask();
    setBusy(false);
    setAnswer(got);
    if (got.kind === 'refused') setWait(got.wait);
    if (got.kind === 'session' || (got.kind === 'refused' && got.status === 409)) entered();
  };
  const waited = answer?.kind === 'refused' && answer.status === 429;
  const told = answer === null || (waited && wait === 0) ? '' : refusalText(answer, words);
  return { attempt, blocked: busy || wait > 0, fault: wait > 0 ? words.tooManyTries(wait) : told };
}

function Door({ title, hint, children }: { title: string; hint: string; children: ComponentChildren }) {
  const { words } = useWords();
  return (
    <main class="door">
      <div class="card">
        <header>
          <p class="brand">Fenceline · {words.gateway}</p>
          <LanguageSwitch />
        </header>
        <h1>{title}</h1>
        <p class="hint">{hint}</p>
        {children}
      </div>
    </main>
  );
}

function Fault({ text }: { text: string }) {
  return (
    <p class="fault" role="alert" hidden={text === ''}>
      {text}
    </p>
  );
}

/** For password stores, which keep a password under a name. */
function AccountName() {
  return <input type="text" name="username" autocomplete="username" value="administrator" readOnly hidden />;
}

export function LogIn({ entered }: { entered: () => void }) {
  const { words } = useWords();
  const [password, setPassword] = useState('');
  const { attempt, blocked, fault } = useTries(entered);
  const submit = (event: Event): void => {
    event.preventDefault();
    if (!blocked) void attempt(() => logIn(password));
  };
  return (
    <Door title={words.logIn} hint={words.logInHint}>
      <form onSubmit={submit}>
        <AccountName />
        <PasswordField label={words.password} value={password} change={setPassword} purpose="current-password" />
        <Fault text={fault} />
        <button type="submit" class="primary" disabled={blocked}>
          {words.logIn}
        </button>
      </form>
    </Door>
  );
}

export function SetUp({ entered }: { entered: () => void }) {
  const { words } = useWords();
  const [code, setCode] = useState('');
  const [password, setPassword] = useState('');
  const [again, setAgain] = useState('');
  const [mistake, setMistake] = useState<'short' | 'differ' | null>(null);
  const { attempt, blocked, fault } = useTries(entered);
  const id = useId();
  const submit = (event: Event): void => {
    event.preventDefault();
    const found = [...password].length < shortestPassword ? 'short' : password === again ? null : 'differ';
    setMistake(found);
    if (found === null && !blocked) void attempt(() => setUp(code, password));
  };
  const own = mistake === null ? '' : mistake === 'short' ? words.passwordTooShort : words.passwordsDiffer;
  return (
    <Door title={words.setUp} hint={words.setUpHint}>
      <form onSubmit={submit}>
        <AccountName />
        <div class="field">
          <label for={id}>{words.setUpCode}</label>
          <input
            id={id}
            class="code"
            autocomplete="one-time-code"
            autocapitalize="characters"
            spellcheck={false}
            required
            maxLength={64}
            value={code}
            aria-describedby={`${id}-hint`}
            onInput={({ currentTarget }) => setCode(currentTarget.value)}
          />
          <p class="hint" id={`${id}-hint`}>
            {words.setUpCodeHint}
          </p>
        </div>
        <PasswordField
          label={words.newPassword}
          value={password}
          change={setPassword}
          purpose="new-password"
          hint={words.passwordRule}
        />
        <PasswordField label={words.repeatPassword} value={again} change={setAgain} purpose="new-password" />
        <Fault text={own === '' ? fault : own} />
        <button type="submit" class="primary" disabled={blocked}>
          {words.savePassword}
        </button>
      </form>
    </Door>
  );
}

/** The door when nobody can go in: the gateway is silent, or its account file is damaged. */
export function Shut({ fault }: { fault: string }) {
  const { words } = useWords();
  return (
    <Door title={words.logIn} hint={words.logInHint}>
      <Fault text={fault} />
    </Door>
  );
}
