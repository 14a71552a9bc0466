"""The command that enrols: makes the subject where it is missing, and adds one reference per picture.

Pictures that are enrolled stay, also when another one is refused. A subject that this command made is erased again when
none of its pictures could be enrolled, so that nothing half-done is left.
"""

from dataclasses import dataclass, field
from pathlib import Path

from doorward_api.v1.subject_pb2 import Reference, Subject
from doorward_client.cli.answer import Answer
from doorward_client.cli.picture_file import concerns_picture, naming
from doorward_client.cli.session import Session
from doorward_client.cli.subject_text import subject_text
from doorward_client.document import document_of
from doorward_client.errors import AlreadyExists, DoorwardError
from doorward_client.picture import check_readable, shown


@dataclass(slots=True)
class _Tally:
    subject: Subject
    references: list[Reference] = field(default_factory=list)
    failures: list[DoorwardError] = field(default_factory=list)


def enrol(session: Session) -> Answer:
    """`doorward enrol --id ID --name NAME IMG..`."""
    files = [Path(name) for name in session.options.images]
    for file in files:
        check_readable(file)
    subject, created = _subject(session)
    tally = _Tally(subject)
    try:
        _add_all(session, files, tally)
    except BaseException:
        if created and not tally.references:
            _take_back(session, subject.subject_id)
        raise
    document = {
        "subject": document_of(tally.subject),
        "references": [document_of(reference) for reference in tally.references],
    }
    return Answer(document, subject_text(tally.subject, session.words))


def _subject(session: Session) -> tuple[Subject, bool]:
    options = session.options
    try:
        return session.client.create_subject(options.id, display_name=options.name).subject, True
    except AlreadyExists as error:
        if error.reason != "SUBJECT_EXISTS":
            raise
    subject = session.client.get_subject(options.id).subject
    if options.name not in ("", subject.display_name):
        kept = session.words.label("name_kept")
        session.note(kept.format(subject=subject.subject_id, name=subject.display_name))
    return subject, False


def _add_all(session: Session, files: list[Path], tally: _Tally) -> None:
    for file in files:
        try:
            _add(session, file, tally)
        except DoorwardError as error:
            session.note(_line(session, "refused_file", file, error))
            tally.failures.append(error)
            if not concerns_picture(error):
                break
    if tally.failures:
        told = _told(tally.failures)
        told.metadata |= {"enrolled": str(len(tally.references)), "failed": str(len(files) - len(tally.references))}
        raise told


def _told(failures: list[DoorwardError]) -> DoorwardError:
    # What ended the work comes last and matters most; of refused pictures the first is told, the others were noted.
    return failures[0] if concerns_picture(failures[-1]) else failures[-1]


def _add(session: Session, file: Path, tally: _Tally) -> None:
    options = session.options
    with naming(file):
        response = session.client.add_reference(
            tally.subject.subject_id,
            file,
            allow_low_quality=options.allow_low_quality,
            allow_duplicate=options.allow_duplicate,
        )
    tally.references.append(response.reference)
    tally.subject = response.subject
    session.note(session.words.label("enrolled_file").format(file=shown(file)))


def _take_back(session: Session, subject_id: str) -> None:
    try:
        session.client.erase_subject(subject_id)
        session.note(session.words.label("taken_back").format(subject=subject_id))
    except DoorwardError as error:
        problem = session.words.reason(error.reason)
        session.note(session.words.label("not_taken_back").format(subject=subject_id, problem=problem))


def _line(session: Session, label: str, file: Path, error: DoorwardError) -> str:
    return session.words.label(label).format(file=shown(file), reason=session.words.reason(error.reason))
