// One row per refusal, in the order of the enum. To add one: a line in the enum, a row at the same place here, and the
// golden file. A part in [brackets] is left out when one of its {facts} is missing, so a sentence always reads well.
#include <algorithm>
#include <array>
#include <cstddef>

#include "broker/base/check.h"
#include "broker/base/refusal_code.h"

namespace relais::base {

namespace {

using enum RefusalCode;
constexpr bool kFinal = false;
constexpr bool kRetry = true;

constexpr auto kCatalogue = std::to_array<RefusalInfo>({
    {agreement_none, "agreement.none", kFinal, 403,
     "No agreement covers this message[ from {from} to {to}][ for the purpose {purpose}].",
     "Aucune convention ne couvre ce message[ de {from} vers {to}][ pour la finalité {purpose}]."},
    {agreement_expired, "agreement.expired", kFinal, 403,
     "The agreement[ {agreement}][ from {from} to {to}] has expired[ on {until}].",
     "La convention[ {agreement}][ de {from} vers {to}] a pris fin[ le {until}]."},
    {agreement_not_yet_valid, "agreement.not_yet_valid", kFinal, 403,
     "The agreement[ {agreement}][ from {from} to {to}] is not in force yet[: it begins on {since}].",
     "La convention[ {agreement}][ de {from} vers {to}] n'est pas encore en vigueur[ : elle commence le {since}]."},
    {agreement_forwarding_not_allowed, "agreement.forwarding_not_allowed", kFinal, 403,
     "The agreement[ {agreement}] does not allow a referral to be forwarded[ to {to}].",
     "La convention[ {agreement}] ne permet pas de transmettre une orientation à un tiers[ ({to})]."},
    {appointment_unknown, "appointment.unknown", kFinal, 404, "There is no appointment with this id[: {appointment}].",
     "Aucun rendez-vous ne porte cet identifiant[ : {appointment}]."},
    {appointment_already_exists, "appointment.already_exists", kFinal, 409,
     "An appointment with this id exists already[: {appointment}].",
     "Un rendez-vous porte déjà cet identifiant[ : {appointment}]."},
    {appointment_bad_meeting, "appointment.bad_meeting", kFinal, 422,
     "The time or the place of the appointment is not valid[ ({field})][: {why}].",
     "Le moment ou le lieu du rendez-vous n'est pas valable[ ({field})][ : {why}]."},
    {broker_disk_full, "broker.disk_full", kRetry, 507,
     "The broker has no room left on its disk; nothing was stored. Try again later.",
     "Le disque du courtier est plein ; rien n'a été enregistré. Réessayez plus tard."},
    {broker_draining, "broker.draining", kRetry, 503,
     "The broker is about to stop and takes nothing new. Try again in a moment.",
     "Le courtier va s'arrêter et n'accepte plus rien de nouveau. Réessayez dans un moment."},
    {broker_overloaded, "broker.overloaded", kRetry, 503,
     "The broker has more work than it can take. Try again in a moment.",
     "Le courtier est surchargé. Réessayez dans un moment."},
    {case_unknown, "case.unknown", kFinal, 404, "There is no case with this id[: {case}].",
     "Aucun parcours ne porte cet identifiant[ : {case}]."},
    {commune_unknown, "commune.unknown", kFinal, 422, "France has no commune with this INSEE code[: {commune}].",
     "Aucune commune de France ne porte ce code INSEE[ : {commune}]."},
    {compartment_digest_mismatch, "compartment.digest_mismatch", kFinal, 422,
     "A compartment is not the one that the envelope announces[ ({field})].",
     "Un compartiment n'est pas celui que l'enveloppe annonce[ ({field})]."},
    {compartment_does_not_open, "compartment.does_not_open", kFinal, 422,
     "The compartment[ {category}] does not open with this key, or belongs to another message.",
     "Le compartiment[ {category}] ne s'ouvre pas avec cette clé, ou appartient à un autre message."},
    {compartment_malformed, "compartment.malformed", kFinal, 422, "A compartment is malformed[ ({field})][: {why}].",
     "Un compartiment est mal formé[ ({field})][ : {why}]."},
    {config_invalid, "config.invalid", kFinal, 422, "The configuration is not valid[ ({field})][: {why}].",
     "La configuration n'est pas valable[ ({field})][ : {why}]."},
    {consent_expired, "consent.expired", kFinal, 403,
     "The person's consent for the purpose[ {purpose}] has run out[; the agreement {agreement} asks for it].",
     "Le consentement de la personne pour la finalité[ {purpose}] n'est plus valable[ ; la convention {agreement} "
     "l'exige]."},
    {consent_missing, "consent.missing", kFinal, 403,
     "The person's consent for the purpose[ {purpose}] has not been recorded[; the agreement {agreement} asks for it].",
     "Le consentement de la personne pour la finalité[ {purpose}] n'a pas été recueilli[ ; la convention {agreement} "
     "l'exige]."},
    {consent_withdrawn, "consent.withdrawn", kFinal, 403,
     "The person has withdrawn consent for the purpose[ {purpose}][; the agreement {agreement} asks for it].",
     "La personne a retiré son consentement pour la finalité[ {purpose}][ ; la convention {agreement} l'exige]."},
    {contents_erased, "contents.erased", kFinal, 410,
     "The contents of the request were erased: nobody else can be told them any more.",
     "Le contenu de la demande a été effacé : il ne peut plus être communiqué à personne."},
    {dead_letter_unknown, "dead_letter.unknown", kFinal, 404, "There is no such dead letter.",
     "Ce message n'est pas parmi les messages en échec."},
    {delegation_none, "delegation.none", kFinal, 403,
     "No delegation in force lets the sender[ {institution}] act for another[: {principal}].",
     "Aucune délégation en vigueur ne permet à l'expéditeur[ {institution}] d'agir pour une autre institution[ : "
     "{principal}]."},
    {delegation_out_of_scope, "delegation.out_of_scope", kFinal, 403,
     "The delegation[ {delegation}][ of {principal}] does not go that far[: {what}].",
     "La délégation[ {delegation}][ de {principal}] ne va pas jusque-là[ : {what}]."},
    {delivery_expired, "delivery.expired", kFinal, 410,
     "The message was not delivered before its expiry date[ to {recipient}].",
     "Le message n'a pas été remis avant sa date d'expiration[ à {recipient}]."},
    {delivery_rejected, "delivery.rejected", kFinal, 422, "The recipient's adapter rejected the message[: {reason}].",
     "L'adaptateur du destinataire a rejeté le message[ : {reason}]."},
    {delivery_too_many_attempts, "delivery.too_many_attempts", kFinal, 422,
     "The message was offered too many times without success[ ({attempts} attempts)].",
     "Le message a été présenté trop de fois sans succès[ ({attempts} tentatives)]."},
    {delivery_unknown, "delivery.unknown", kFinal, 404, "This session has no delivery with this id[: {delivery}].",
     "Cette session n'a pas de remise portant cet identifiant[ : {delivery}]."},
    {envelope_malformed, "envelope.malformed", kFinal, 400,
     "The envelope is malformed[ ({field})][: {why}][: expected {expected}].",
     "L'enveloppe est mal formée[ ({field})][ : {why}][ : attendu {expected}]."},
    {envelope_message_id_reused, "envelope.message_id_reused", kFinal, 409,
     "This message id was already used for another message.",
     "Cet identifiant de message a déjà servi pour un autre message."},
    {envelope_too_old, "envelope.too_old", kFinal, 422,
     "The message was sent too long ago to be accepted[: at most {max}].",
     "Le message a été émis depuis trop longtemps pour être accepté[ : au plus {max}]."},
    {envelope_version, "envelope.version", kFinal, 400, "This version of the envelope is not known[: {version}].",
     "Cette version de l'enveloppe n'est pas connue[ : {version}]."},
    {fallback_not_agreed, "fallback.not_agreed", kFinal, 403,
     "Neither the agreement[ {agreement}] nor the law names this institution[ ({institution})] to take the referral "
     "over.",
     "Ni la convention[ {agreement}] ni la loi ne désignent cette institution[ ({institution})] pour reprendre "
     "l'orientation."},
    {frame_malformed, "frame.malformed", kFinal, 400, "The frame is malformed[ ({field})][: {why}].",
     "La trame est mal formée[ ({field})][ : {why}]."},
    {frame_too_large, "frame.too_large", kFinal, 413, "The frame is too large[: at most {max} bytes].",
     "La trame est trop grande[ : au plus {max} octets]."},
    {frame_version, "frame.version", kFinal, 400,
     "Adapter and broker share no version of the protocol[: the broker speaks {versions}].",
     "L'adaptateur et le courtier n'ont aucune version du protocole en commun[ : le courtier parle {versions}]."},
    {identity_forged_sender, "identity.forged_sender", kFinal, 403,
     "This session may not speak for the institution[ {institution}].",
     "Cette session ne peut pas parler au nom de l'institution[ {institution}]."},
    {identity_not_served, "identity.not_served", kFinal, 403,
     "This key does not serve the institution[ {institution}].",
     "Cette clé ne sert pas l'institution[ {institution}]."},
    {identity_unknown, "identity.unknown", kFinal, 401,
     "This key or institution is not known to the network[: {institution}].",
     "Cette clé ou cette institution est inconnue du réseau[ : {institution}]."},
    {input_invalid, "input.invalid", kFinal, 400, "The input is not valid[ ({field})][: {why}].",
     "La donnée fournie n'est pas valable[ ({field})][ : {why}]."},
    {io_failed, "io.failed", kRetry, 500, "Reading or writing failed[ ({path})][: {why}].",
     "Une lecture ou une écriture a échoué[ ({path})][ : {why}]."},
    {journal_damaged, "journal.damaged", kFinal, 500, "The journal is damaged[ at position {position}][: {why}].",
     "Le journal est endommagé[ à la position {position}][ : {why}]."},
    {journal_version, "journal.version", kFinal, 500,
     "This store was written in a format that this program can not read[: version {version}].",
     "Ce dépôt est dans un format que ce programme ne sait pas lire[ : version {version}]."},
    {key_file_mode, "key.file_mode", kFinal, 500,
     "Others than its owner may use this key file[ ({path})][: its mode is {mode}, it must be 0600].",
     "Ce fichier de clé est ouvert à d'autres que son propriétaire[ ({path})][ : mode {mode}, il faut 0600]."},
    {key_invalid, "key.invalid", kFinal, 422, "The key is not valid[ ({path})][ ({field})][: {why}].",
     "La clé n'est pas valable[ ({path})][ ({field})][ : {why}]."},
    {lead_not_offered, "lead.not_offered", kFinal, 409,
     "The lead of this case was not offered to this institution[ ({institution})][; it is with {lead}].",
     "Le pilotage de ce parcours n'a pas été proposé à cette institution[ ({institution})][ ; il revient à {lead}]."},
    {lifecycle_invalid_transition, "lifecycle.invalid_transition", kFinal, 409,
     "This is not possible now[: the present state is {present}][; allowed now: {allowed}].",
     "Cela n'est pas possible à présent[ : l'état actuel est {present}][ ; permis à présent : {allowed}]."},
    {lifecycle_not_your_role, "lifecycle.not_your_role", kFinal, 403,
     "This message is not yours to send in this exchange[: only the {role} may].",
     "Ce message ne vous appartient pas dans cet échange[ : il revient au rôle {role}]."},
    {message_too_large, "message.too_large", kFinal, 413, "The message is too large[: at most {max} bytes].",
     "Le message est trop grand[ : au plus {max} octets]."},
    {network_not_newer, "network.not_newer", kFinal, 409,
     "The network definition is not newer than the one in force[: version {version}, in force {present}].",
     "La définition du réseau n'est pas plus récente que celle en vigueur[ : version {version}, en vigueur "
     "{present}]."},
    {network_invalid, "network.invalid", kFinal, 422, "The network definition is not valid[ ({field})][: {why}].",
     "La définition du réseau n'est pas valable[ ({field})][ : {why}]."},
    {network_none, "network.none", kRetry, 503, "The broker has no network definition yet.",
     "Le courtier n'a pas encore de définition du réseau."},
    {network_signature, "network.signature", kFinal, 403,
     "The network definition is not signed by the authority of this network.",
     "La définition du réseau n'est pas signée par l'autorité de ce réseau."},
    {not_found, "not.found", kFinal, 404, "There is nothing with this name or id[: {what}].",
     "Rien ne porte ce nom ou cet identifiant[ : {what}]."},
    {operator_reason_missing, "operator.reason_missing", kFinal, 400, "An operator's action needs a reason.",
     "L'action d'un opérateur doit avoir un motif."},
    {outbox_full, "outbox.full", kRetry, 507,
     "The adapter's outbox has no room left[: {why}]; nothing was stored. Try again later.",
     "La boîte d'envoi de l'adaptateur est pleine[ : {why}] ; rien n'a été enregistré. Réessayez plus tard."},
    {pause_has_begun, "pause.has_begun", kFinal, 409,
     "The pause[ of {institution}] has begun[ at {since}]: only its end can change.",
     "La pause[ de {institution}] a commencé[ à {since}] : seule sa fin peut changer."},
    {pause_in_the_past, "pause.in_the_past", kFinal, 422,
     "A pause can neither begin nor end in the past[: {at}]. Leave its beginning out for a pause at once.",
     "Une pause ne peut ni commencer ni finir dans le passé[ : {at}]. Sans date de début, elle commence aussitôt."},
    {pause_none, "pause.none", kFinal, 409, "Deliveries to this institution[ ({institution})] are not paused.",
     "Les livraisons à cette institution[ ({institution})] ne sont pas en pause."},
    {pause_times, "pause.times", kFinal, 422, "The pause would end before it begins[: {until} is not after {from}].",
     "La pause finirait avant de commencer[ : {until} n'est pas après {from}]."},
    {pause_too_long, "pause.too_long", kFinal, 422, "The pause is too long[: at most {days} days, until {latest}].",
     "La pause est trop longue[ : au plus {days} jours, jusqu'au {latest}]."},
    {purpose_unknown, "purpose.unknown", kFinal, 422, "The network definition knows no such purpose[: {purpose}].",
     "La définition du réseau ne connaît pas cette finalité[ : {purpose}]."},
    {rate_exceeded, "rate.exceeded", kRetry, 429, "Too many messages in a short time[: at most {max}]. Slow down.",
     "Trop de messages en peu de temps[ : au plus {max}]. Ralentissez."},
    {referral_already_exists, "referral.already_exists", kFinal, 409,
     "A referral with this id exists already[: {referral}].",
     "Une orientation porte déjà cet identifiant[ : {referral}]."},
    {referral_unknown, "referral.unknown", kFinal, 404, "There is no referral with this id[: {referral}].",
     "Aucune orientation ne porte cet identifiant[ : {referral}]."},
    {route_ambiguous, "route.ambiguous", kFinal, 409,
     "Several institutions could take this[: {need} in {commune}][: {candidates}]. Name the one that should.",
     "Plusieurs institutions pourraient s'en charger[ : {need} à {commune}][ : {candidates}]. Nommez celle qui "
     "convient."},
    {route_none, "route.none", kFinal, 404,
     "The network has no such recipient[: {recipient}][: no agreement of {institution} leads to anybody who takes "
     "{need} in {commune}][; without an agreement: {candidates}].",
     "Le réseau n'a pas ce destinataire[ : {recipient}][ : aucune convention de {institution} ne mène à qui prend en "
     "charge {need} à {commune}][ ; sans convention : {candidates}]."},
    {secrecy_category_not_needed, "secrecy.category_not_needed", kFinal, 403,
     "The purpose[ {purpose}] does not need the category[ {category}][ under the agreement {agreement}].",
     "La finalité[ {purpose}] n'a pas besoin de la catégorie[ {category}][ selon la convention {agreement}]."},
    {secrecy_mission, "secrecy.mission", kFinal, 403,
     "The mission[ {mission}][ of {recipient}] does not allow it to be told the category[ {category}][ under the "
     "agreement {agreement}].",
     "La mission[ {mission}][ de {recipient}] ne permet pas de lui communiquer la catégorie[ {category}][ selon la "
     "convention {agreement}]."},
    {secrecy_nir, "secrecy.nir", kFinal, 403,
     "The agreement[ {agreement}] does not say that both parties may process the social-security number.",
     "La convention[ {agreement}] ne prévoit pas que les deux parties puissent traiter le numéro de sécurité sociale."},
    {secrecy_not_followed_together, "secrecy.not_followed_together", kFinal, 403,
     "The person is not followed by the sender and the recipient together[: {institution} is not part of the case].",
     "La personne n'est pas suivie ensemble par l'émetteur et le destinataire[ : {institution} ne participe pas au "
     "parcours]."},
    {secrecy_profile, "secrecy.profile", kFinal, 403,
     "The legal framework of the agreement[ {agreement}] does not let the category[ {category}] be told[ to "
     "{recipient}].",
     "Le cadre légal de la convention[ {agreement}] ne permet pas de communiquer la catégorie[ {category}][ à "
     "{recipient}]."},
    {service_not_offered, "service.not_offered", kFinal, 422,
     "The recipient offers no such service in this network[: {service}].",
     "Le destinataire n'offre pas ce service dans ce réseau[ : {service}]."},
    {session_unknown, "session.unknown", kRetry, 409, "The broker does not know this session: say hello again.",
     "Le courtier ne connaît pas cette session : il faut se présenter de nouveau."},
    {signature_invalid, "signature.invalid", kFinal, 403, "The signature is not valid for this sender[ (key {key})].",
     "La signature n'est pas valable pour cet émetteur[ (clé {key})]."},
    {slot_full, "slot.full", kFinal, 409, "There is no place left in this slot[ {slot}][: all {capacity} are taken].",
     "Il n'y a plus de place dans ce créneau[ {slot}][ : les {capacity} places sont prises]."},
    {slot_in_the_past, "slot.in_the_past", kFinal, 409,
     "It is too late for this slot[ {slot}]: it has begun, or is over.",
     "Il est trop tard pour ce créneau[ {slot}] : il a commencé, ou il est passé."},
    {slot_in_use, "slot.in_use", kFinal, 409,
     "People are expected in this slot[ {slot}][: {taken} places are taken]. It can not move, nor shrink below that.",
     "Des personnes sont attendues dans ce créneau[ {slot}][ : {taken} places prises]. Il ne peut ni être déplacé, ni "
     "être réduit en dessous."},
    {slot_not_yours, "slot.not_yours", kFinal, 403,
     "The slot names a service or a place that its host does not have[: {what}].",
     "Le créneau désigne un service ou un lieu que son institution n'a pas[ : {what}]."},
    {slot_search_too_wide, "slot.search_too_wide", kFinal, 422,
     "Too many slots would have to be looked through. Name a host, a service, a need or a shorter time.",
     "Il faudrait parcourir trop de créneaux. Précisez une institution, un service, un besoin ou une période plus "
     "courte."},
    {slot_unknown, "slot.unknown", kFinal, 404,
     "There is no such slot[: {slot}]. It may have been withdrawn, or is long over.",
     "Ce créneau n'existe pas[ : {slot}]. Il a pu être retiré, ou il est passé depuis longtemps."},
    {team_not_a_member, "team.not_a_member", kFinal, 422,
     "This institution[ ({institution})] is no member of the team[ {team}].",
     "Cette institution[ ({institution})] n'est pas membre de l'équipe[ {team}]."},
    {backup_damaged, "backup.damaged", kFinal, 500,
     "The backup[ {number}] is damaged or incomplete[ ({path})][: {why}]. It was not used.",
     "La sauvegarde[ {number}] est endommagée ou incomplète[ ({path})][ : {why}]. Elle n'a pas été utilisée."},
    {backup_running, "backup.running", kRetry, 409, "A backup or a purge is under way. Try again when it is done.",
     "Une sauvegarde ou une purge est en cours. Réessayez quand elle sera terminée."},
    {backup_unknown, "backup.unknown", kFinal, 404, "There is no such backup[ {number}][ in {path}].",
     "Cette sauvegarde[ {number}] n'existe pas[ dans {path}]."},
    {evidence_invalid, "evidence.invalid", kFinal, 422, "This evidence does not hold[ ({field})][: {why}].",
     "Cette preuve n'est pas valable[ ({field})][ : {why}]."},
    {restore_in_use, "restore.in_use", kFinal, 409,
     "A broker is running on this folder[ ({path})][: process {process}]. Stop it first; nothing was changed.",
     "Un courtier fonctionne sur ce dossier[ ({path})][ : processus {process}]. Arrêtez-le d'abord ; rien n'a été "
     "modifié."},
    {restore_not_empty, "restore.not_empty", kFinal, 409,
     "There is a store here already[ ({path})]. Move it away first; nothing was changed.",
     "Il y a déjà un dépôt ici[ ({path})]. Déplacez-le d'abord ; rien n'a été modifié."},
    {rights_already_asked, "rights.already_asked", kFinal, 409,
     "The person's request[ for {right}] in this case[ ({case})] has been passed on and not everybody has answered "
     "yet.",
     "La demande de la personne[ ({right})] dans ce dossier[ ({case})] a déjà été transmise et tous n'ont pas encore "
     "répondu."},
    {rights_unknown, "rights.unknown", kFinal, 409,
     "No request of the person waits for an answer[ of {institution}] here[ ({request})].",
     "Aucune demande de la personne n'attend de réponse[ de {institution}] ici[ ({request})]."},
    {access_login_needed, "access.login_needed", kFinal, 401, "Log in first, or log in again.",
     "Connectez-vous d'abord, ou connectez-vous à nouveau."},
    {access_login_failed, "access.login_failed", kFinal, 401,
     "This name, password and code do not go together[: {why}].",
     "Ce nom, ce mot de passe et ce code ne vont pas ensemble[ : {why}]."},
    {access_not_allowed, "access.not_allowed", kFinal, 403, "Your role[ ({role})] does not allow this.",
     "Votre rôle[ ({role})] ne le permet pas."},
    {access_too_many_attempts, "access.too_many_attempts", kRetry, 429,
     "Too many attempts to log in. Try again in[ {seconds}] seconds.",
     "Trop de tentatives de connexion. Réessayez dans[ {seconds}] secondes."},
    {access_request_forged, "access.request_forged", kFinal, 403,
     "This request does not carry the token of your session. Reload the page.",
     "Cette requête ne porte pas le jeton de votre session. Rechargez la page."},
    {filter_everything, "filter.everything", kFinal, 409,
     "This filter touches everything[: {count}]. Say that this is meant[ ({field})].",
     "Ce filtre touche tout[ : {count}]. Confirmez que c'est voulu[ ({field})]."},
});

constexpr bool rows_stand_at_their_code() {
  for (std::size_t i = 0; i < kCatalogue.size(); ++i)
    if (static_cast<std::size_t>(kCatalogue[i].code) != i) return false;
  return true;
}
static_assert(rows_stand_at_their_code(), "the rows follow the order of the enum, without a gap");

}  // namespace

std::span<const RefusalInfo> refusal_catalogue() { return kCatalogue; }

const RefusalInfo& info(RefusalCode code) {
  const auto row = static_cast<std::size_t>(code);
  check(row < kCatalogue.size(), "every refusal code has a row in the catalogue");
  return kCatalogue[row];
}

std::optional<RefusalCode> refusal_code(std::string_view name) {
  const auto row = std::ranges::find(kCatalogue, name, &RefusalInfo::name);
  if (row == kCatalogue.end()) return std::nullopt;
  return row->code;
}

}  // namespace relais::base
