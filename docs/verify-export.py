#!/usr/bin/env python3
"""Verifies an export of a Fenceline gateway, written against docs/tamper-evidence.md alone.

    python3 verify-export.py DIRECTORY [--key PUBLIC_KEY]

PUBLIC_KEY is the gateway's public key as the platform or the gateway's page shows it (44 characters of base64), of now or
of before a rotation. Without it the export's own word is taken for whose key it is; compare the fingerprint.

Needs Python 3.9 and openssl 3. Exit code: 0 everything holds, 1 something does not, 2 there is no export to verify.
"""
import argparse
import base64
import hashlib
import json
import os
import re
import subprocess
import sys
import tempfile

STRETCH = re.compile(rb'\{"sum":"([0-9a-f]{64})","stretch":(\{.*\})\}')
ENTRY = re.compile(rb'\{"seq":([1-9][0-9]{0,14}),"hash":"([0-9a-f]{64})","entry":(\{.*\})\}')
FILE = re.compile(r'[a-z0-9][a-z0-9.-]{0,99}')
LONGEST_LINE = 16 * 1024 * 1024

faults = 0


def fault(text):
    global faults
    faults += 1
    print(text)


def sha256(data):
    return hashlib.sha256(data).hexdigest()


def signature_holds(public_key, message, signature):
    """Ed25519 by the openssl command, which wants files."""
    # SubjectPublicKeyInfo of an Ed25519 key: a fixed head, then the 32 bytes (RFC 8410).
    der = bytes.fromhex('302a300506032b6570032100') + base64.b64decode(public_key)
    with tempfile.TemporaryDirectory() as directory:
        names = {}
        for name, data in (('key', der), ('message', message), ('signature', signature)):
            names[name] = os.path.join(directory, name)
            with open(names[name], 'wb') as file:
                file.write(data)
        done = subprocess.run(
            ['openssl', 'pkeyutl', '-verify', '-pubin', '-keyform', 'DER', '-inkey', names['key'], '-rawin',
             '-in', names['message'], '-sigfile', names['signature']],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
    return done.returncode == 0


def fingerprint(public_key):
    digest = hashlib.sha256(('fenceline-fingerprint-1|' + public_key).encode()).digest()
    groups = [int.from_bytes(digest[at:at + 5], 'big') % 100000 for at in range(0, 30, 5)]
    return ' '.join('%05d' % group for group in groups)


def chain_start(gateway, stream, epoch):
    return sha256(('fenceline-chain-1|%s|%s|%s' % (gateway, stream, epoch)).encode())


def chain_next(before, seq, entry):
    return sha256(bytes.fromhex(before) + seq.to_bytes(8, 'big') + entry)


def check_signature(directory, manifest, raw, trusted):
    try:
        with open(os.path.join(directory, 'manifest.sig'), 'rb') as file:
            signature = file.read(65)
    except OSError:
        signature = b''
    if not signature_holds(manifest['publicKey'], raw, signature):
        fault('manifest.json: the signature does not hold: the manifest or manifest.sig was changed')
    keys = manifest['keys']
    if keys[-1]['publicKey'] != manifest['publicKey']:
        fault('manifest.json: publicKey is not the last of keys')
    reached = trusted or keys[0]['publicKey']
    for link in keys:
        if link['previous'] != reached or link['signature'] is None:
            continue
        text = 'fenceline-key-1|%s|%s|%s' % (manifest['gateway'], link['previous'], link['publicKey'])
        if signature_holds(link['previous'], text.encode(), base64.b64decode(link['signature'])):
            reached = link['publicKey']
    if reached != manifest['publicKey']:
        fault('manifest.json: the key that signed it is not one that %s leads to' % (trusted or 'the first of keys'))


class Part:
    """One file of JSON lines, line by line."""

    def __init__(self, part):
        self.part = part
        self.next = part['first']
        self.hash = part['before']
        self.entries = 0
        self.stretch = None
        self.holes = []

    def fault(self, line, text):
        fault('%s%s: %s' % (self.part['file'], '' if line is None else ' line %d' % line, text))

    def begin(self, line, text):
        if self.stretch is not None:
            self.fault(line, 'the stretch before it is not complete')
        match = STRETCH.fullmatch(text)
        if match is None or sha256(match.group(2)) != match.group(1).decode():
            self.fault(line, 'the stretch was changed')
            self.stretch = None
            return
        stretch = self.stretch = json.loads(match.group(2))
        if (stretch['stream'], stretch['epoch']) != (self.part['stream'], self.part['epoch']):
            self.fault(line, 'it is of another stream or epoch')
        if stretch['from'] != self.next:
            self.fault(line, 'seq %d is expected, %d is here' % (self.next, stretch['from']))
        if stretch['before'] != self.hash:
            self.fault(line, 'it does not go on from what stands before it')
        start = chain_start(self.part['gateway'], self.part['stream'], self.part['epoch'])
        if stretch['from'] == 1 and stretch['before'] != start:
            self.fault(line, 'the chain does not begin as that of this gateway must')
        self.next, self.hash = stretch['from'], stretch['before']
        absent = [(first, last, after) for first, last, _, after in stretch['absent']]
        self.holes = sorted(absent + [tuple(one) for one in stretch['left']])
        self.go_on(line)

    def entry(self, line, text):
        match = ENTRY.fullmatch(text)
        if match is None:
            self.fault(line, 'this is no line of an export')
            return
        if self.stretch is None:
            self.fault(line, 'an entry that belongs to no stretch')
            return
        seq, told, entry = int(match.group(1)), match.group(2).decode(), match.group(3)
        if seq != self.next:
            self.fault(line, 'seq %d is expected, %d is here' % (self.next, seq))
        elif chain_next(self.hash, seq, entry) != told:
            self.fault(line, 'the entry of seq %d does not lead to the hash beside it' % seq)
        # What follows is judged by itself.
        self.next, self.hash = seq + 1, told
        self.entries += 1
        self.go_on(line)

    def go_on(self, line):
        """Steps over what is absent or was left out, and closes the stretch where it is complete."""
        while self.holes and self.holes[0][0] <= self.next:
            first, last, after = self.holes.pop(0)
            if first != self.next or last < first:
                self.fault(line, '%d..%d is out of order' % (first, last))
            self.next, self.hash = last + 1, after
        if self.next <= self.stretch['to']:
            return
        if self.next != self.stretch['to'] + 1 or self.holes or self.hash != self.stretch['after']:
            self.fault(line, 'the stretch does not end where and as it says')
        self.stretch = None

    def end(self, line):
        part = self.part
        if self.stretch is not None:
            self.fault(line, 'the part ends within a stretch: seq %d is missing' % self.next)
        elif self.next != part['last'] + 1 or self.hash != part['after'] or self.entries != part['entries']:
            self.fault(None, 'it does not end where and as the manifest says')


def check_part(directory, part, has_lines):
    path = os.path.join(directory, part['file'])
    lines, digest, size = Part(part), hashlib.sha256(), 0
    number, before = 0, faults
    try:
        with open(path, 'rb') as file:
            while True:
                raw = file.readline(LONGEST_LINE)
                if not raw:
                    break
                number += 1
                digest.update(raw)
                size += len(raw)
                if has_lines:
                    text = raw[:-1] if raw.endswith(b'\n') else raw
                    (lines.begin if text.startswith(b'{"sum"') else lines.entry)(number, text)
    except OSError as error:
        fault('%s: %s' % (part['file'], error.strerror))
        return
    if has_lines:
        lines.end(number)
    if faults == before and (digest.hexdigest() != part['sha256'] or size != part['bytes']):
        fault('%s: it is not the file that was signed for' % part['file'])


def check_order(parts):
    """Parts of one chain go on from each other; tables of one step share their range."""
    former = None
    for part in parts:
        if former and (former['stream'], former['epoch']) == (part['stream'], part['epoch']):
            is_same = (former['first'], former['last']) == (part['first'], part['last'])
            if not is_same and (part['first'] != former['last'] + 1 or part['before'] != former['after']):
                fault('%s: it does not go on from the part before it' % part['file'])
        former = part


def main():
    parser = argparse.ArgumentParser(description='Verifies an export of a Fenceline gateway.')
    parser.add_argument('directory')
    parser.add_argument('--key', help='public key that is known to be the gateway\'s, base64')
    arguments = parser.parse_args()
    try:
        with open(os.path.join(arguments.directory, 'manifest.json'), 'rb') as file:
            raw = file.read()
        manifest = json.loads(raw)
        if manifest['format'] != 'fenceline-export-1':
            raise ValueError('its format is ' + str(manifest['format']))
        if not all(FILE.fullmatch(part['file']) for part in manifest['parts']):
            raise ValueError('a part has a name that is none')
    except (OSError, ValueError, KeyError, TypeError) as error:
        print('there is no export to verify: %s' % error)
        return 2
    check_signature(arguments.directory, manifest, raw, arguments.key)
    for part in manifest['parts']:
        check_part(arguments.directory, part, manifest['content'] == 'jsonl')
    check_order(manifest['parts'])
    if faults:
        print('%d things do not hold' % faults)
        return 1
    print('everything holds: %d entries of %s, signed by the key %s'
          % (manifest['entries'], manifest['gateway'], fingerprint(manifest['publicKey'])))
    return 0


if __name__ == '__main__':
    sys.exit(main())
