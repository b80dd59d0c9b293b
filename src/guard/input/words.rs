//! Words by what they mean for a screen, in many languages.

use std::collections::HashMap;
use std::sync::LazyLock;

/// What a word may mean; several at once are possible.
pub(super) type Meaning = u32;

/// "ignore": leave aside what was said before.
pub(super) const IGNORE: Meaning = 1;
/// "disable": take a protection away.
pub(super) const DISABLE: Meaning = 1 << 1;
/// "instructions": what a model was told.
pub(super) const ORDERS: Meaning = 1 << 2;
/// "guardrails": what protects, and nothing that a database is asked about.
pub(super) const PROTECTION: Meaning = 1 << 3;
/// "previous", "your", "all": which instructions.
pub(super) const WHOSE: Meaning = 1 << 4;
/// "reveal": bring to light.
pub(super) const REVEAL: Meaning = 1 << 5;
/// "pretend": be somebody else.
pub(super) const PRETEND: Meaning = 1 << 6;
/// "unrestricted": what somebody without rules is.
pub(super) const LAWLESS: Meaning = 1 << 7;
/// "administrator": who may say so.
pub(super) const AUTHORITY: Meaning = 1 << 8;
/// "authorise": that it is allowed.
pub(super) const PERMIT: Meaning = 1 << 9;
/// "decode": take a disguise off.
pub(super) const DECODE: Meaning = 1 << 10;
/// "execute": do as a text says.
pub(super) const OBEY: Meaning = 1 << 11;
/// "delete": always a write where somebody is told to do it.
pub(super) const WRITE: Meaning = 1 << 12;
/// "set", "add": a write where a stored thing follows.
pub(super) const CHANGE: Meaning = 1 << 13;
/// "decimals", "chart": how an answer is shown, so nothing is written.
pub(super) const SHOWN: Meaning = 1 << 14;
/// "send": out of the house.
pub(super) const SEND: Meaning = 1 << 15;
/// "assistant": whom a hidden note is written to.
pub(super) const MACHINE: Meaning = 1 << 16;
/// "please", "then": what may stand before a command.
pub(super) const OPENING: Meaning = 1 << 17;
/// "every", "my": what stands before a stored thing.
pub(super) const STORED: Meaning = 1 << 18;
/// "void": what rules are that no longer hold.
pub(super) const VOID: Meaning = 1 << 20;
/// "your", "previous": which instructions, and no data.
pub(super) const MODELS: Meaning = 1 << 21;
/// "passwords": what nobody should be shown.
pub(super) const SECRET: Meaning = 1 << 19;

/// Words of a meaning, by language; a `*` ends a stem.
const WORDS: &[(Meaning, &str)] = &[
    (
        IGNORE,
        "ignore ignoring disregard disregarding forget override overriding overrule neglect discard dismiss violate \
              circumvent bypass evade abandon unlearn scrap nevermind unfollow defy disobey sidestep erase wipe drop",
    ),
    (
        VOID,
        "void superseded obsolete withdrawn retired lifted suspended revoked cancelled canceled invalid expired rescinded \
            repealed abolished annulled overridden replaced outdated deprecated nullified removed gone inactive moot optional",
    ),
    // No data is called "your previous rules", so these say more than `WHOSE`.
    (
        MODELS,
        "your previous prior above earlier preceding foregoing former original initial system safety security hidden \
              developer existing pre-prompt preprompt model's assistant's anterior anteriores previas previos tus tu suas sua \
              teus tuas précédentes précédents tes vos vorherig* bisherig* deine deinen ihre precedenti tue vostre vorige \
              eerdere jouw tidigare dina tidligere dine aiemmat poprzedni* swoje swoich twoje předchozí предыдущи* прежни* \
              свои свой твои ваши попередні önceki sistem sana korábbi προηγούμενες sebelumnya السابقة הקודמות पिछले \
              receberam recebeu sistema système",
    ),
    (IGNORE, "ignora ignore ignoren ignorad ignorar olvida olvide olvidad omite omitir desestima anula"),
    (IGNORE, "ignorez oubliez oublie néglige négligez passez-outre contourne contournez"),
    (IGNORE, "ignoriere ignorier* vergiss vergesst missachte umgehe überschreibe übergehe verwirf"),
    (IGNORE, "ignorate dimentica dimenticate trascura scavalca aggira"),
    (IGNORE, "ignorem esqueça esquece desconsidere desconsidera despreze contorne"),
    (IGNORE, "negeer vergeet omzeil ignorera glöm bortse strunta skit ignorer glem ignorér tilsidesæt ohita unohda"),
    (IGNORE, "zignoruj ignoruj zapomnij pomiń obejdź ignorujte zapomeň zabudni ignorišite ignoreaza ignoră uită uita"),
    (IGNORE, "игнорир* проигнорир* забудь забудьте отбрось обойди ігнор* проігнор* забудь"),
    (IGNORE, "yoksay unut görmezden saymayın hagyd figyelmen felejtsd αγνόησε αγνοήστε ξέχνα ξέχασε"),
    (IGNORE, "abaikan lupakan التجاهل تجاهل انس تجاوز התעלם תתעלם שכח नज़रअंदाज़ अनदेखा अनदेखी"),
    (DISABLE, "disable deactivate suspend lift circumvent bypass skip evade relax unlock disabling bypassing"),
    (
        DISABLE,
        "desactiva desactivar deshabilita désactive désactivez deaktiviere disattiva desative desativa schakel wyłącz \
               отключи отключите вимкни kapat",
    ),
    (
        ORDERS,
        "instruction instructions prompt guideline guidelines directive directives rules rule commands policy policies \
              programming training restrictions limitations guidance constraints constraint directions orders setup \
              boundaries brief",
    ),
    (
        ORDERS,
        "instrucción instrucciones instrucc* reglas directrices órdenes indicaciones instrucoes instruções instruções \
              regras diretrizes ordens comandos systembefehl komutunu komutlar kurallar* ",
    ),
    (
        ORDERS,
        "consignes règles directives anweisung* instruktion* regeln vorgaben befehle richtlinien istruzioni istruzione \
              regole direttive comandi",
    ),
    (
        ORDERS,
        "instructies regels opdrachten instruktioner instruktionerna reglerna regler instruksjoner instrukser ohjeet ohjeita säännöt",
    ),
    (
        ORDERS,
        "polecen* instrukcj* zasad* reguł* wytyczn* pokyny instrukce pravidla instrukcie instrucțiuni* instrucțiunile \
              regulile",
    ),
    (
        ORDERS,
        "инструкц* указани* правил* команды інструкц* вказівк* talimat* kural* komutları utasítás* szabály* οδηγίες \
              εντολές κανόνες",
    ),
    (
        ORDERS,
        "instruksi perintah aturan petunjuk التعليمات تعليمات تعليماتك الأوامر القواعد قواعدك הוראות ההוראות ההנחיות הנחיות הכללים כללים \
              निर्देश निर्देशों नियम नियमों आदेशों",
    ),
    (
        PROTECTION,
        "guardrail guardrails guard safeguard safeguards restriction restrictions masking redaction validation \
                  validator allowlist blocklist allowlists blocklists whitelist blacklist denylist sandbox readonly read-only \
                  safety moderation censorship checker checkers denylist denylists scrubber parser linter firewall pii protections protection anonymization anonymisation sanitizer sanitization",
    ),
    (
        PROTECTION,
        "lesemodus leesmodus lecture lectura lettura leitura restricciones protecciones seguridad restrictions garde-fous sicherheit* einschränkungen schutz* \
                  schreibschutz restrizioni protezioni restrições proteções beperkingen ограничени* защит* zabezpieczen* \
                  kısıtlama* محدودیت* القيود",
    ),
    (
        WHOSE,
        "previous prior above earlier preceding foregoing former your my all any every these those original initial \
             system hidden security safety existing current past the you",
    ),
    (
        WHOSE,
        "anteriores anterior previas previos todas todos tus sus précédentes précédents toutes tous tes vos vorherig* \
             bisherig* alle deine ihre obigen precedenti tutte tutti tue vostre anteriores suas teus vorige alle eerdere jouw \
             tidigare alla dina tidligere dine aiemmat kaikki poprzedni* wszystki* swoje swoich twoje předchozí všechny \
             předchádzajúce toate anterioare",
    ),
    (
        WHOSE,
        "предыдущи* прежни* все свои твои ваши попередні усі önceki tüm bütün korábbi minden előző προηγούμενες όλες \
             sebelumnya semua السابقة جميع כל הקודמות पिछले सभी पहले",
    ),
    (
        REVEAL,
        "reveal print repeat output show display tell give list dump leak expose translate summarize summarise paste \
              recite echo disclose write return expose share state describe quote spell complete enumerate divulge hand want see",
    ),
    (
        REVEAL,
        "zeig muestra muéstrame revela imprime affiche affichez montre révèle révélez zeige gib mostra rivela mostre revele \
              toon pokaż ujawnij покажи выведи раскрой göster visa vis näytä",
    ),
    (
        PRETEND,
        "pretend imagine roleplay role-play simulate act impersonate suppose novel story screenplay hypothetical \
               hypothetically play game become switch enter enable activate",
    ),
    (
        PRETEND,
        "finge imagina actúa actúe prétends imagine agis stell spiele handle fingi immagina agisci finja aja doe \
               udawaj wyobraź представь притворись davran",
    ),
    (
        LAWLESS,
        "unrestricted unfiltered uncensored unlimited jailbreak jailbroken dan evil superuser root sudo rogue \
               unmoderated amoral god-mode godmode lawless unshackled hacker",
    ),
    (
        LAWLESS,
        "restricciones filtros sans restrictions uneingeschränkt einschränkungen restrizioni restrições ограничений \
               ograniczeń",
    ),
    (
        AUTHORITY,
        "admin administrator sysadmin developer dba owner ceo cto ciso engineer creator operator auditor compliance \
                 security legal management support openai anthropic vendor maintainer supervisor manager boss root",
    ),
    (
        PERMIT,
        "authorize authorise authorized authorised grant granted permit permitted allow allowed approve approved \
              exception emergency override bypass disable testing clearance unlock permission exempt exempted waive waived",
    ),
    (
        DECODE,
        "decode decrypt decipher base64 base-64 rot13 rot-13 hex hexadecimal backwards backward reversed reverse acrostic \
              concatenate concatenated morse caesar cipher ciphertext encoded unscramble deobfuscate leetspeak hidden \
              decodifica décode dekodiere entschlüssle",
    ),
    (
        OBEY,
        "execute run obey follow perform comply carry do apply act ejecuta exécute führe esegui execute wykonaj выполни",
    ),
    (
        WRITE,
        "delete drop truncate insert update alter erase wipe purge destroy overwrite grant revoke rename upsert remove \
             deleting dropping",
    ),
    (
        WRITE,
        "borra borre borrar elimina elimine inserta inserte actualiza vacía trunca modifica supprime supprimez efface \
             effacez insère insérez vide lösche löscht entferne füge aktualisiere leere ändere cancella elimina inserisci \
             aggiorna svuota modifica apague apaga exclua exclui delete insira atualize altere verwijder wis werk",
    ),
    (
        WRITE,
        "setze mets mettez poné establece cambia cambie aggiorna imposta defina muda muutа zet ändra sätt ustaw nastav \
             установи поставь ayarla yap",
    ),
    (
        WRITE,
        "usuń skasuj wstaw zaktualizuj zmień smaž odstraň vlož удали удалите сотри очисти добавь измени обнови видали \
             зміни sil güncelle ekle değiştir töröld frissítsd διάγραψε διέγραψε hapus ubah tambahkan احذف امسح حدث أضف מחק \
             הוסף עדכן radera uppdatera ändra slet slett poista päivitä șterge sterge actualizează",
    ),
    (
        CHANGE,
        "bump put take make build add set change modify create replace increase decrease raise reduce lower mark cancel archive reset edit clear \
              restore assign refund register approve save store write commit double halve fire promote empty clean undo fix \
              correct adjust transfer move merge copy import load",
    ),
    (
        SHOWN,
        "decimal decimals duplicate duplicates null nulls cent cents zero zeros zeroes blank blanks whitespace space \
             spaces chart graph plot histogram diagram pie report list ranking overview summary pivot dashboard result \
             results output answer answers display header headers label labels title axis format precision rounding prefix \
             suffix character characters letters digits currency symbol unit units breakdown comparison bucket buckets \
             filter filters sort sorting order-by question conversation column columns range period date-range percentage \
             percentages subtotal subtotals total totals running filter limit sorting query queries nachkommastellen anzeige ausgabe ergebnis spalte salida resultado pantalla \
             sortie résultat affichage risultato uscita arrondi leerzeichen visualization visualisation trend trends \
             forecast segment segments cohort cohorts timeline group groups grouping crosstab matrix average averages \
             decimales duplicados gráfico nulos décimales doublons graphique duplikate diagramm decimali duplicati grafico \
             gráfica doppelte nullwerte",
    ),
    (
        SEND,
        "email e-mail mail send forward post upload exfiltrate transmit render ping beacon curl wget fetch submit publish",
    ),
    (MACHINE, "assistant llm llms ai chatbot gpt chatgpt model models bot agent copilot"),
    (
        OPENING,
        "please kindly can could would will you i we want need like to must should go ahead and let us now just then \
               help me also so instead next first finally again quickly immediately silently secretly simply ok okay hey hi \
               d ' por favor y luego bitte und dann s'il vous plaît et puis per e poi alstublieft en proszę oraz \
               пожалуйста и затем lütfen ve i'd i'll let's",
    ),
    (
        STORED,
        "every all each my our his her their its user users customer customers order orders employee employee's row rows \
              record records entry entries account accounts table tables database everyone everybody everything new salary \
              admin payment payments invoice invoices role roles status index trigger schema login product products stock \
              price prices the a an user's customer's product's column",
    ),
    (SECRET, "password passwords secret secrets credential credentials token tokens apikey api_key private_key ssn"),
];

struct Lexicon {
    words: HashMap<&'static str, Meaning>,
    stems: HashMap<&'static str, Meaning>,
}

static LEXICON: LazyLock<Lexicon> = LazyLock::new(|| {
    let mut lexicon = Lexicon { words: HashMap::new(), stems: HashMap::new() };
    for &(meaning, words) in WORDS {
        for word in words.split_ascii_whitespace() {
            match word.strip_suffix('*') {
                Some(stem) => *lexicon.stems.entry(stem).or_default() |= meaning,
                None => *lexicon.words.entry(word).or_default() |= meaning,
            }
        }
    }
    lexicon
});

/// All that `word`, in lower case, may mean.
pub(super) fn meaning(word: &str) -> Meaning {
    let stems = word.char_indices().skip(3).filter_map(|(end, _)| LEXICON.stems.get(&word[..end]));
    let whole = LEXICON.words.get(word).or_else(|| LEXICON.stems.get(word)).copied().unwrap_or_default();
    stems.fold(whole, |all, meaning| all | meaning)
}
