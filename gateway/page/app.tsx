import { useCallback, useEffect, useState } from 'preact/hooks';
import type { Picture } from '../http/picture.ts';
import { askSession, logOut } from './asking/gateway-session.ts';
import { seenNow } from './feed/picture-age.ts';
import { followPictures } from './feed/picture-feed.ts';
import { LogIn, SetUp, Shut } from './view/door.tsx';
import { LanguageContext, useWords } from './view/language-context.ts';
import { PicturePage } from './view/picture-page.tsx';
import { type Role, RoleContext } from './view/role-context.ts';
import { TopBar } from './view/status.tsx';
import { firstLanguage, keepLanguage, wordsOf } from './words/language.ts';
import type { Language } from './words/words.ts';

type Door = 'asking' | 'unreachable' | 'set-up' | 'logged-out' | 'unreadable' | 'logged-in';

/** Milliseconds between tries to reach a gateway that did not answer the first question. */
const tryAgainAfter = 3000;

export function App() {
  const [language, setLanguage] = useState<Language>(firstLanguage);
  const words = wordsOf[language];
  useEffect(() => {
    document.documentElement.lang = words.code;
    document.title = `Fenceline · ${words.gateway}`;
  }, [words]);
  const change = (next: Language): void => {
    keepLanguage(next);
    setLanguage(next);
  };
  return (
    <LanguageContext.Provider value={{ language, words, change }}>
      <Entrance />
    </LanguageContext.Provider>
  );
}

function Entrance() {
  const { words } = useWords();
  const [door, setDoor] = useState<Door>('asking');
  const [role, setRole] = useState<Role>('viewer');
  const look = useCallback(() => {
    void askSession().then((answer) => {
      setDoor(answer.kind === 'session' ? answer.session.state : 'unreachable');
      setRole((answer.kind === 'session' ? answer.session.role : undefined) ?? 'viewer');
    });
  }, []);
  useEffect(look, [look]);
  useEffect(() => {
    if (door !== 'unreachable') return;
    const timer = setInterval(look, tryAgainAfter);
    return () => clearInterval(timer);
  }, [door, look]);

  if (door === 'logged-in') {
    return (
      <RoleContext.Provider value={role}>
        <Inside left={look} />
      </RoleContext.Provider>
    );
  }
  if (door === 'set-up') return <SetUp entered={look} />;
  if (door === 'logged-out') return <LogIn entered={look} />;
  if (door === 'unreadable') return <Shut fault={words.accountsDamaged} />;
  return door === 'unreachable' ? <Shut fault={words.gatewayUnreachable} /> : <p class="loading">{words.loading}</p>;
}

/** The current picture, which ages by the second until the next one comes. */
function Inside({ left }: { left: () => void }) {
  const { words } = useWords();
  const [got, setGot] = useState<{ picture: Picture; at: number } | null>(null);
  const [now, setNow] = useState(() => performance.now());
  useEffect(() => {
    let version: string | null = null;
    return followPictures({
      picture(picture, at) {
        // The gateway was replaced by a newer one, which brings its own page.
        if (version !== null && version !== picture.gateway.version) location.reload();
        version = picture.gateway.version;
        setGot({ picture, at });
        setNow(at);
      },
      loggedOut: left,
    });
  }, [left]);
  useEffect(() => {
    const timer = setInterval(() => setNow(performance.now()), 1000);
    return () => clearInterval(timer);
  }, []);
  const leave = (): void => void logOut().then(left);
  const seen = got === null ? null : seenNow(got.picture, got.at, now);
  return (
    <>
      <TopBar seen={seen} leave={leave} />
      {seen === null ? <p class="loading">{words.loading}</p> : <PicturePage seen={seen} />}
    </>
  );
}
