"""How broker and SDK say no: the catalogue of proto/README.md (14), one row for each code, in their order.

A part in [brackets] is left out when one of its {facts} is missing. Written by tests/contract/vectors/make.py; tests compare
it with the broker's.
"""

from typing import NamedTuple


class Entry(NamedTuple):
    retry: bool
    english: str
    french: str


CATALOGUE: dict[str, Entry] = {
    "access.login_failed": Entry(
        False,
        "This name, password and code do not go together[: {why}].",
        "Ce nom, ce mot de passe et ce code ne vont pas ensemble[ : {why}].",
    ),
    "access.login_needed": Entry(
        False,
        "Log in first, or log in again.",
        "Connectez-vous d'abord, ou connectez-vous à nouveau.",
    ),
    "access.not_allowed": Entry(
        False,
        "Your role[ ({role})] does not allow this.",
        "Votre rôle[ ({role})] ne le permet pas.",
    ),
    "access.request_forged": Entry(
        False,
        "This request does not carry the token of your session. Reload the page.",
        "Cette requête ne porte pas le jeton de votre session. Rechargez la page.",
    ),
    "access.too_many_attempts": Entry(
        True,
        "Too many attempts to log in. Try again in[ {seconds}] seconds.",
        "Trop de tentatives de connexion. Réessayez dans[ {seconds}] secondes.",
    ),
    "agreement.expired": Entry(
        False,
        "The agreement[ {agreement}][ from {from} to {to}] has expired[ on {until}].",
        "La convention[ {agreement}][ de {from} vers {to}] a pris fin[ le {until}].",
    ),
    "agreement.forwarding_not_allowed": Entry(
        False,
        "The agreement[ {agreement}] does not allow a referral to be forwarded[ to {to}].",
        "La convention[ {agreement}] ne permet pas de transmettre une orientation à un tiers[ ({to})].",
    ),
    "agreement.none": Entry(
        False,
        "No agreement covers this message[ from {from} to {to}][ for the purpose {purpose}].",
        "Aucune convention ne couvre ce message[ de {from} vers {to}][ pour la finalité {purpose}].",
    ),
    "agreement.not_yet_valid": Entry(
        False,
        "The agreement[ {agreement}][ from {from} to {to}] is not in force yet[: it begins on {since}].",
        "La convention[ {agreement}][ de {from} vers {to}] n'est pas encore en vigueur[ : elle commence le {since}].",
    ),
    "appointment.already_exists": Entry(
        False,
        "An appointment with this id exists already[: {appointment}].",
        "Un rendez-vous porte déjà cet identifiant[ : {appointment}].",
    ),
    "appointment.bad_meeting": Entry(
        False,
        "The time or the place of the appointment is not valid[ ({field})][: {why}].",
        "Le moment ou le lieu du rendez-vous n'est pas valable[ ({field})][ : {why}].",
    ),
    "appointment.unknown": Entry(
        False,
        "There is no appointment with this id[: {appointment}].",
        "Aucun rendez-vous ne porte cet identifiant[ : {appointment}].",
    ),
    "backup.damaged": Entry(
        False,
        "The backup[ {number}] is damaged or incomplete[ ({path})][: {why}]. It was not used.",
        "La sauvegarde[ {number}] est endommagée ou incomplète[ ({path})][ : {why}]. Elle n'a pas été utilisée.",
    ),
    "backup.running": Entry(
        True,
        "A backup or a purge is under way. Try again when it is done.",
        "Une sauvegarde ou une purge est en cours. Réessayez quand elle sera terminée.",
    ),
    "backup.unknown": Entry(
        False,
        "There is no such backup[ {number}][ in {path}].",
        "Cette sauvegarde[ {number}] n'existe pas[ dans {path}].",
    ),
    "broker.disk_full": Entry(
        True,
        "The broker has no room left on its disk; nothing was stored. Try again later.",
        "Le disque du courtier est plein ; rien n'a été enregistré. Réessayez plus tard.",
    ),
    "broker.draining": Entry(
        True,
        "The broker is about to stop and takes nothing new. Try again in a moment.",
        "Le courtier va s'arrêter et n'accepte plus rien de nouveau. Réessayez dans un moment.",
    ),
    "broker.overloaded": Entry(
        True,
        "The broker has more work than it can take. Try again in a moment.",
        "Le courtier est surchargé. Réessayez dans un moment.",
    ),
    "case.unknown": Entry(
        False,
        "There is no case with this id[: {case}].",
        "Aucun parcours ne porte cet identifiant[ : {case}].",
    ),
    "commune.unknown": Entry(
        False,
        "France has no commune with this INSEE code[: {commune}].",
        "Aucune commune de France ne porte ce code INSEE[ : {commune}].",
    ),
    "compartment.digest_mismatch": Entry(
        False,
        "A compartment is not the one that the envelope announces[ ({field})].",
        "Un compartiment n'est pas celui que l'enveloppe annonce[ ({field})].",
    ),
    "compartment.does_not_open": Entry(
        False,
        "The compartment[ {category}] does not open with this key, or belongs to another message.",
        "Le compartiment[ {category}] ne s'ouvre pas avec cette clé, ou appartient à un autre message.",
    ),
    "compartment.malformed": Entry(
        False,
        "A compartment is malformed[ ({field})][: {why}].",
        "Un compartiment est mal formé[ ({field})][ : {why}].",
    ),
    "config.invalid": Entry(
        False,
        "The configuration is not valid[ ({field})][: {why}].",
        "La configuration n'est pas valable[ ({field})][ : {why}].",
    ),
    "consent.expired": Entry(
        False,
        "The person's consent for the purpose[ {purpose}] has run out[; the agreement {agreement} asks for it].",
        "Le consentement de la personne pour la finalité[ {purpose}] n'est plus valable[ ; la convention {agreement} l'exige].",
    ),
    "consent.missing": Entry(
        False,
        "The person's consent for the purpose[ {purpose}] has not been recorded[; the agreement {agreement} asks for it].",
        "Le consentement de la personne pour la finalité[ {purpose}] n'a pas été recueilli[ ; la convention {agreement} l'exige].",
    ),
    "consent.withdrawn": Entry(
        False,
        "The person has withdrawn consent for the purpose[ {purpose}][; the agreement {agreement} asks for it].",
        "La personne a retiré son consentement pour la finalité[ {purpose}][ ; la convention {agreement} l'exige].",
    ),
    "contents.erased": Entry(
        False,
        "The contents of the request were erased: nobody else can be told them any more.",
        "Le contenu de la demande a été effacé : il ne peut plus être communiqué à personne.",
    ),
    "dead_letter.unknown": Entry(
        False,
        "There is no such dead letter.",
        "Ce message n'est pas parmi les messages en échec.",
    ),
    "delegation.none": Entry(
        False,
        "No delegation in force lets the sender[ {institution}] act for another[: {principal}].",
        "Aucune délégation en vigueur ne permet à l'expéditeur[ {institution}] d'agir pour une autre institution[ : {principal}].",
    ),
    "delegation.out_of_scope": Entry(
        False,
        "The delegation[ {delegation}][ of {principal}] does not go that far[: {what}].",
        "La délégation[ {delegation}][ de {principal}] ne va pas jusque-là[ : {what}].",
    ),
    "delivery.expired": Entry(
        False,
        "The message was not delivered before its expiry date[ to {recipient}].",
        "Le message n'a pas été remis avant sa date d'expiration[ à {recipient}].",
    ),
    "delivery.rejected": Entry(
        False,
        "The recipient's adapter rejected the message[: {reason}].",
        "L'adaptateur du destinataire a rejeté le message[ : {reason}].",
    ),
    "delivery.too_many_attempts": Entry(
        False,
        "The message was offered too many times without success[ ({attempts} attempts)].",
        "Le message a été présenté trop de fois sans succès[ ({attempts} tentatives)].",
    ),
    "delivery.unknown": Entry(
        False,
        "This session has no delivery with this id[: {delivery}].",
        "Cette session n'a pas de remise portant cet identifiant[ : {delivery}].",
    ),
    "envelope.malformed": Entry(
        False,
        "The envelope is malformed[ ({field})][: {why}][: expected {expected}].",
        "L'enveloppe est mal formée[ ({field})][ : {why}][ : attendu {expected}].",
    ),
    "envelope.message_id_reused": Entry(
        False,
        "This message id was already used for another message.",
        "Cet identifiant de message a déjà servi pour un autre message.",
    ),
    "envelope.too_old": Entry(
        False,
        "The message was sent too long ago to be accepted[: at most {max}].",
        "Le message a été émis depuis trop longtemps pour être accepté[ : au plus {max}].",
    ),
    "envelope.version": Entry(
        False,
        "This version of the envelope is not known[: {version}].",
        "Cette version de l'enveloppe n'est pas connue[ : {version}].",
    ),
    "evidence.invalid": Entry(
        False,
        "This evidence does not hold[ ({field})][: {why}].",
        "Cette preuve n'est pas valable[ ({field})][ : {why}].",
    ),
    "fallback.not_agreed": Entry(
        False,
        "Neither the agreement[ {agreement}] nor the law names this institution[ ({institution})] to take the referral over.",
        "Ni la convention[ {agreement}] ni la loi ne désignent cette institution[ ({institution})] pour reprendre l'orientation.",
    ),
    "filter.everything": Entry(
        False,
        "This filter touches everything[: {count}]. Say that this is meant[ ({field})].",
        "Ce filtre touche tout[ : {count}]. Confirmez que c'est voulu[ ({field})].",
    ),
    "frame.malformed": Entry(
        False,
        "The frame is malformed[ ({field})][: {why}].",
        "La trame est mal formée[ ({field})][ : {why}].",
    ),
    "frame.too_large": Entry(
        False,
        "The frame is too large[: at most {max} bytes].",
        "La trame est trop grande[ : au plus {max} octets].",
    ),
    "frame.version": Entry(
        False,
        "Adapter and broker share no version of the protocol[: the broker speaks {versions}].",
        "L'adaptateur et le courtier n'ont aucune version du protocole en commun[ : le courtier parle {versions}].",
    ),
    "identity.forged_sender": Entry(
        False,
        "This session may not speak for the institution[ {institution}].",
        "Cette session ne peut pas parler au nom de l'institution[ {institution}].",
    ),
    "identity.not_served": Entry(
        False,
        "This key does not serve the institution[ {institution}].",
        "Cette clé ne sert pas l'institution[ {institution}].",
    ),
    "identity.unknown": Entry(
        False,
        "This key or institution is not known to the network[: {institution}].",
        "Cette clé ou cette institution est inconnue du réseau[ : {institution}].",
    ),
    "input.invalid": Entry(
        False,
        "The input is not valid[ ({field})][: {why}].",
        "La donnée fournie n'est pas valable[ ({field})][ : {why}].",
    ),
    "io.failed": Entry(
        True,
        "Reading or writing failed[ ({path})][: {why}].",
        "Une lecture ou une écriture a échoué[ ({path})][ : {why}].",
    ),
    "journal.damaged": Entry(
        False,
        "The journal is damaged[ at position {position}][: {why}].",
        "Le journal est endommagé[ à la position {position}][ : {why}].",
    ),
    "journal.version": Entry(
        False,
        "This store was written in a format that this program can not read[: version {version}].",
        "Ce dépôt est dans un format que ce programme ne sait pas lire[ : version {version}].",
    ),
    "key.file_mode": Entry(
        False,
        "Others than its owner may use this key file[ ({path})][: its mode is {mode}, it must be 0600].",
        "Ce fichier de clé est ouvert à d'autres que son propriétaire[ ({path})][ : mode {mode}, il faut 0600].",
    ),
    "key.invalid": Entry(
        False,
        "The key is not valid[ ({path})][ ({field})][: {why}].",
        "La clé n'est pas valable[ ({path})][ ({field})][ : {why}].",
    ),
    "lead.not_offered": Entry(
        False,
        "The lead of this case was not offered to this institution[ ({institution})][; it is with {lead}].",
        "Le pilotage de ce parcours n'a pas été proposé à cette institution[ ({institution})][ ; il revient à {lead}].",
    ),
    "lifecycle.invalid_transition": Entry(
        False,
        "This is not possible now[: the present state is {present}][; allowed now: {allowed}].",
        "Cela n'est pas possible à présent[ : l'état actuel est {present}][ ; permis à présent : {allowed}].",
    ),
    "lifecycle.not_your_role": Entry(
        False,
        "This message is not yours to send in this exchange[: only the {role} may].",
        "Ce message ne vous appartient pas dans cet échange[ : il revient au rôle {role}].",
    ),
    "message.too_large": Entry(
        False,
        "The message is too large[: at most {max} bytes].",
        "Le message est trop grand[ : au plus {max} octets].",
    ),
    "network.invalid": Entry(
        False,
        "The network definition is not valid[ ({field})][: {why}].",
        "La définition du réseau n'est pas valable[ ({field})][ : {why}].",
    ),
    "network.none": Entry(
        True,
        "The broker has no network definition yet.",
        "Le courtier n'a pas encore de définition du réseau.",
    ),
    "network.not_newer": Entry(
        False,
        "The network definition is not newer than the one in force[: version {version}, in force {present}].",
        "La définition du réseau n'est pas plus récente que celle en vigueur[ : version {version}, en vigueur {present}].",
    ),
    "network.signature": Entry(
        False,
        "The network definition is not signed by the authority of this network.",
        "La définition du réseau n'est pas signée par l'autorité de ce réseau.",
    ),
    "not.found": Entry(
        False,
        "There is nothing with this name or id[: {what}].",
        "Rien ne porte ce nom ou cet identifiant[ : {what}].",
    ),
    "operator.reason_missing": Entry(
        False,
        "An operator's action needs a reason.",
        "L'action d'un opérateur doit avoir un motif.",
    ),
    "outbox.full": Entry(
        True,
        "The adapter's outbox has no room left[: {why}]; nothing was stored. Try again later.",
        "La boîte d'envoi de l'adaptateur est pleine[ : {why}] ; rien n'a été enregistré. Réessayez plus tard.",
    ),
    "pause.has_begun": Entry(
        False,
        "The pause[ of {institution}] has begun[ at {since}]: only its end can change.",
        "La pause[ de {institution}] a commencé[ à {since}] : seule sa fin peut changer.",
    ),
    "pause.in_the_past": Entry(
        False,
        "A pause can neither begin nor end in the past[: {at}]. Leave its beginning out for a pause at once.",
        "Une pause ne peut ni commencer ni finir dans le passé[ : {at}]. Sans date de début, elle commence aussitôt.",
    ),
    "pause.none": Entry(
        False,
        "Deliveries to this institution[ ({institution})] are not paused.",
        "Les livraisons à cette institution[ ({institution})] ne sont pas en pause.",
    ),
    "pause.times": Entry(
        False,
        "The pause would end before it begins[: {until} is not after {from}].",
        "La pause finirait avant de commencer[ : {until} n'est pas après {from}].",
    ),
    "pause.too_long": Entry(
        False,
        "The pause is too long[: at most {days} days, until {latest}].",
        "La pause est trop longue[ : au plus {days} jours, jusqu'au {latest}].",
    ),
    "purpose.unknown": Entry(
        False,
        "The network definition knows no such purpose[: {purpose}].",
        "La définition du réseau ne connaît pas cette finalité[ : {purpose}].",
    ),
    "rate.exceeded": Entry(
        True,
        "Too many messages in a short time[: at most {max}]. Slow down.",
        "Trop de messages en peu de temps[ : au plus {max}]. Ralentissez.",
    ),
    "referral.already_exists": Entry(
        False,
        "A referral with this id exists already[: {referral}].",
        "Une orientation porte déjà cet identifiant[ : {referral}].",
    ),
    "referral.unknown": Entry(
        False,
        "There is no referral with this id[: {referral}].",
        "Aucune orientation ne porte cet identifiant[ : {referral}].",
    ),
    "restore.in_use": Entry(
        False,
        "A broker is running on this folder[ ({path})][: process {process}]. Stop it first; nothing was changed.",
        "Un courtier fonctionne sur ce dossier[ ({path})][ : processus {process}]. Arrêtez-le d'abord ; rien n'a été modifié.",
    ),
    "restore.not_empty": Entry(
        False,
        "There is a store here already[ ({path})]. Move it away first; nothing was changed.",
        "Il y a déjà un dépôt ici[ ({path})]. Déplacez-le d'abord ; rien n'a été modifié.",
    ),
    "rights.already_asked": Entry(
        False,
        "The person's request[ for {right}] in this case[ ({case})] has been passed on and not everybody has answered yet.",
        "La demande de la personne[ ({right})] dans ce dossier[ ({case})] a déjà été transmise et tous n'ont pas encore répondu.",
    ),
    "rights.unknown": Entry(
        False,
        "No request of the person waits for an answer[ of {institution}] here[ ({request})].",
        "Aucune demande de la personne n'attend de réponse[ de {institution}] ici[ ({request})].",
    ),
    "route.ambiguous": Entry(
        False,
        "Several institutions could take this[: {need} in {commune}][: {candidates}]. Name the one that should.",
        "Plusieurs institutions pourraient s'en charger[ : {need} à {commune}][ : {candidates}]. Nommez celle qui convient.",
    ),
    "route.none": Entry(
        False,
        "The network has no such recipient[: {recipient}][: no agreement of {institution} leads to anybody who takes {need} in {commune}][; without an agreement: {candidates}].",
        "Le réseau n'a pas ce destinataire[ : {recipient}][ : aucune convention de {institution} ne mène à qui prend en charge {need} à {commune}][ ; sans convention : {candidates}].",
    ),
    "secrecy.category_not_needed": Entry(
        False,
        "The purpose[ {purpose}] does not need the category[ {category}][ under the agreement {agreement}].",
        "La finalité[ {purpose}] n'a pas besoin de la catégorie[ {category}][ selon la convention {agreement}].",
    ),
    "secrecy.mission": Entry(
        False,
        "The mission[ {mission}][ of {recipient}] does not allow it to be told the category[ {category}][ under the agreement {agreement}].",
        "La mission[ {mission}][ de {recipient}] ne permet pas de lui communiquer la catégorie[ {category}][ selon la convention {agreement}].",
    ),
    "secrecy.nir": Entry(
        False,
        "The agreement[ {agreement}] does not say that both parties may process the social-security number.",
        "La convention[ {agreement}] ne prévoit pas que les deux parties puissent traiter le numéro de sécurité sociale.",
    ),
    "secrecy.not_followed_together": Entry(
        False,
        "The person is not followed by the sender and the recipient together[: {institution} is not part of the case].",
        "La personne n'est pas suivie ensemble par l'émetteur et le destinataire[ : {institution} ne participe pas au parcours].",
    ),
    "secrecy.profile": Entry(
        False,
        "The legal framework of the agreement[ {agreement}] does not let the category[ {category}] be told[ to {recipient}].",
        "Le cadre légal de la convention[ {agreement}] ne permet pas de communiquer la catégorie[ {category}][ à {recipient}].",
    ),
    "service.not_offered": Entry(
        False,
        "The recipient offers no such service in this network[: {service}].",
        "Le destinataire n'offre pas ce service dans ce réseau[ : {service}].",
    ),
    "session.unknown": Entry(
        True,
        "The broker does not know this session: say hello again.",
        "Le courtier ne connaît pas cette session : il faut se présenter de nouveau.",
    ),
    "signature.invalid": Entry(
        False,
        "The signature is not valid for this sender[ (key {key})].",
        "La signature n'est pas valable pour cet émetteur[ (clé {key})].",
    ),
    "slot.full": Entry(
        False,
        "There is no place left in this slot[ {slot}][: all {capacity} are taken].",
        "Il n'y a plus de place dans ce créneau[ {slot}][ : les {capacity} places sont prises].",
    ),
    "slot.in_the_past": Entry(
        False,
        "It is too late for this slot[ {slot}]: it has begun, or is over.",
        "Il est trop tard pour ce créneau[ {slot}] : il a commencé, ou il est passé.",
    ),
    "slot.in_use": Entry(
        False,
        "People are expected in this slot[ {slot}][: {taken} places are taken]. It can not move, nor shrink below that.",
        "Des personnes sont attendues dans ce créneau[ {slot}][ : {taken} places prises]. Il ne peut ni être déplacé, ni être réduit en dessous.",
    ),
    "slot.not_yours": Entry(
        False,
        "The slot names a service or a place that its host does not have[: {what}].",
        "Le créneau désigne un service ou un lieu que son institution n'a pas[ : {what}].",
    ),
    "slot.search_too_wide": Entry(
        False,
        "Too many slots would have to be looked through. Name a host, a service, a need or a shorter time.",
        "Il faudrait parcourir trop de créneaux. Précisez une institution, un service, un besoin ou une période plus courte.",
    ),
    "slot.unknown": Entry(
        False,
        "There is no such slot[: {slot}]. It may have been withdrawn, or is long over.",
        "Ce créneau n'existe pas[ : {slot}]. Il a pu être retiré, ou il est passé depuis longtemps.",
    ),
    "team.not_a_member": Entry(
        False,
        "This institution[ ({institution})] is no member of the team[ {team}].",
        "Cette institution[ ({institution})] n'est pas membre de l'équipe[ {team}].",
    ),
}
