"""The demonstration from an empty folder to reports, an open wave and a running server."""

from collections.abc import Sequence

from survey.clock import today
from survey.database import Databases
from survey.demo import fieldwork, finale, own_words, promises, setup, verification
from survey.demo.console import Command, Console
from survey.demo.fieldwork import Respondent
from survey.demo.geography import plan, stream
from survey.demo.pictures import write_pictures
from survey.demo.residents import Residents
from survey.demo.scenario import DemoWave, open_wave, past_waves
from survey.demo.server import free_address, serve
from survey.demo.stage import Options, Stage
from survey.demo.web_fieldwork import hand_in_by_browser
from survey.demo.workplace import Workplace

_IN_BROWSER = {"full": 200, "small": 40}  # residents of the last wave who answer over HTTP


def run_demo(options: Options, command: Command) -> None:
    """All seven steps; `command` runs a `trygg` command in this process, given its arguments."""
    workplace = Workplace.prepare(options.output, options.yes, free_address())
    workplace.write_environment()
    stage = _stage(options, workplace, command)
    waves = past_waves(stage.plan)
    try:
        with workplace.active():
            setup.create_databases(stage)
            setup.load_geography(stage)
            setup.set_up_waves(stage, waves)
            _collect(stage, waves)
            _release(stage, waves)
            _report(stage, waves)
            write_pictures(stage, waves)
            if options.serve:
                finale.leave_open(stage, open_wave(today()))
            else:
                stage.console.say("", *finale.way_in(workplace))
    finally:
        stage.databases.dispose()
    if options.serve:
        serve(workplace)


def _stage(options: Options, workplace: Workplace, command: Command) -> Stage:
    areas = plan(options.size, options.seed)
    return Stage(
        options=options,
        workplace=workplace,
        console=Console(command),
        databases=Databases.connect(workplace.settings),
        plan=areas,
        residents=Residents(areas, options.seed),
    )


def _collect(stage: Stage, waves: Sequence[DemoWave]) -> None:
    stage.console.step(4, "Simulerade invånare svarar, efter samma regler som på webben")
    for wave in waves:
        residents = stage.residents.wave(wave.code)
        with stage.databases.reading() as session:
            people = fieldwork.respondents(session, stage.plan, residents, stage.seed, wave.field_period)
        people = own_words.give_words(people, wave, stage.seed)
        in_browser = _in_browser(stage, people) if wave is waves[-1] else []
        hand_in_by_browser(stage.databases, stage.workplace.settings, in_browser, stage.console.progress)
        done = {person.case_id for person in in_browser}
        others = [person for person in people if person.case_id not in done]
        fieldwork.hand_in(stage.databases, wave.code, others, stage.console.progress)
        verification.keep_truth(stage, wave)


def _release(stage: Stage, waves: Sequence[DemoWave]) -> None:
    stage.console.step(5, "Stänger, väger, skattar, jämför, skyddar och publicerar varje omgång")
    for wave in waves:
        stage.console.run("wave", "close", wave.code)
        stage.console.run("wave", "process", wave.code)
        stage.console.run("wave", "release", wave.code)
        if wave is waves[-2]:
            promises.promise_before(stage, waves[-1].field_start)
    promises.promise_next(stage)
    own_words.screen(stage, waves[-1])


def _report(stage: Stage, waves: Sequence[DemoWave]) -> None:
    last = waves[-1]
    stage.console.step(6, f"Rapporter och tabeller för {last.code}, och facit")
    stage.console.run_apart("wave", "report", last.code)
    verification.print_comparison(stage, waves)


def _in_browser(stage: Stage, people: Sequence[Respondent]) -> list[Respondent]:
    number = _IN_BROWSER[stage.options.size]
    chosen = stream(stage.seed, "in browser").permutation(len(people))[:number]
    return [people[i] for i in sorted(chosen.tolist(), key=lambda i: people[i].day)]
